using System.Text.Json.Serialization;

namespace Chat.Protocol.Frames;

/// <summary>What a node may say. The discriminator on the wire is <c>type</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = FrameCodec.TypeProperty)]
[JsonDerivedType(typeof(HelloFrame), "hello")]
[JsonDerivedType(typeof(JoinedFrame), "joined")]
[JsonDerivedType(typeof(MessageFrame), "message")]
[JsonDerivedType(typeof(AckFrame), "ack")]
[JsonDerivedType(typeof(NackFrame), "nack")]
[JsonDerivedType(typeof(PresenceFrame), "presence")]
[JsonDerivedType(typeof(UserTypingFrame), "typing")]
[JsonDerivedType(typeof(UserReadFrame), "read")]
[JsonDerivedType(typeof(HistoryFrame), "history")]
[JsonDerivedType(typeof(InviteFrame), "invite")]
[JsonDerivedType(typeof(StatusFrame), "status")]
[JsonDerivedType(typeof(DrainFrame), "drain")]
[JsonDerivedType(typeof(ErrorFrame), "error")]
[JsonDerivedType(typeof(PingFrame), "ping")]
public abstract record ServerFrame;

/// <summary>The first frame of every connection, unasked.</summary>
public sealed record HelloFrame(
    int Protocol, string Node, string Connection, string User, double PingSeconds, Limits Limits) : ServerFrame;

/// <summary>What this node accepts.</summary>
public sealed record Limits(int FrameBytesMax, int TextBytesMax, int RoomsMax);

/// <summary>The answer to <c>join</c>: the log's top, and the messages that lead to it.</summary>
/// <param name="Recovered">False: not everything after the asked position is there; <c>messages</c> are the newest.</param>
/// <param name="Members">Users present; null in big rooms, which give <paramref name="MemberCount"/>.</param>
/// <param name="Read">Each user's read position.</param>
public sealed record JoinedFrame(
    string Room,
    string Epoch,
    long Offset,
    bool Recovered,
    IReadOnlyList<MessageFrame> Messages,
    IReadOnlyList<string>? Members = null,
    int? MemberCount = null,
    IReadOnlyDictionary<string, long>? Read = null) : ServerFrame;

/// <param name="SentAt">ISO 8601, for display: order is the offset's.</param>
/// <param name="Node">The node at which the message entered.</param>
/// <param name="Traceparent">W3C trace context of the message's storing; with <c>Hops</c>, and only where that trace is recorded.</param>
public sealed record MessageFrame(
    string Room,
    string Epoch,
    long Offset,
    string Id,
    string Author,
    string Text,
    string SentAt,
    string Node,
    IReadOnlyList<Hop>? Hops = null,
    string? Traceparent = null) : ServerFrame;

/// <param name="Step"><c>received</c>, <c>stored</c> or <c>delivered</c>.</param>
/// <param name="At">ISO 8601, by the clock of that node.</param>
public sealed record Hop(string Node, string Step, string At);

/// <summary>Stored at this position.</summary>
/// <param name="Duplicate">True when the id had been stored before: this is the first one's position.</param>
public sealed record AckFrame(string Id, string Room, string Epoch, long Offset, bool? Duplicate = null) : ServerFrame;

/// <summary>Not stored, or not known to be.</summary>
public sealed record NackFrame(
    string Id, string Code, string Message, bool Retryable, int? RetryAfterMs = null) : ServerFrame;

/// <summary>Users who came or went. Who is known already, or not known, changes nothing.</summary>
/// <param name="MemberCount">
/// In big rooms: how many there are, instead of who. Where <paramref name="Joined"/> is not empty besides, the room has become
/// small again, and these are all.
/// </param>
public sealed record PresenceFrame(
    string Room, IReadOnlyList<string> Joined, IReadOnlyList<string> Left, int? MemberCount = null) : ServerFrame;

public sealed record UserTypingFrame(string Room, string User) : ServerFrame;

public sealed record UserReadFrame(string Room, string User, long Offset) : ServerFrame;

/// <param name="Messages">Oldest first.</param>
/// <param name="More">Older ones exist.</param>
public sealed record HistoryFrame(string Room, IReadOnlyList<MessageFrame> Messages, bool More) : ServerFrame;

/// <summary>Someone opened a direct room with this user.</summary>
public sealed record InviteFrame(string Room, string From) : ServerFrame;

/// <param name="Degraded">True: this node is cut off from Redis. Connections stay, sends are refused for now.</param>
public sealed record StatusFrame(bool Degraded) : ServerFrame;

/// <summary>Reconnect at a random time within the window; the balancer picks another node.</summary>
public sealed record DrainFrame(int ReconnectWithinMs) : ServerFrame;

/// <summary>A frame could not be used, and this is why.</summary>
/// <param name="Room">The room that frame named, where it named one.</param>
/// <param name="RetryAfterMs">Where it may be sent again later.</param>
public sealed record ErrorFrame(string Code, string Message, string? Room = null, int? RetryAfterMs = null) : ServerFrame;

public sealed record PingFrame : ServerFrame;
