using System.Text.Json.Serialization;

namespace Chat.Protocol.Frames;

/// <summary>What a client may say. The discriminator on the wire is <c>type</c>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = FrameCodec.TypeProperty)]
[JsonDerivedType(typeof(JoinFrame), "join")]
[JsonDerivedType(typeof(LeaveFrame), "leave")]
[JsonDerivedType(typeof(SendFrame), "send")]
[JsonDerivedType(typeof(TypingFrame), "typing")]
[JsonDerivedType(typeof(ReadFrame), "read")]
[JsonDerivedType(typeof(HistoryRequestFrame), "history")]
[JsonDerivedType(typeof(RefreshFrame), "refresh")]
[JsonDerivedType(typeof(PongFrame), "pong")]
public abstract record ClientFrame;

/// <summary>Asks for everything after a position, or for the newest messages when it is null, and for what comes.</summary>
/// <param name="Trace">True: messages of this room come with their <c>hops</c>.</param>
public sealed record JoinFrame(string Room, Position? After = null, bool? Trace = null) : ClientFrame;

public sealed record LeaveFrame(string Room) : ClientFrame;

/// <param name="Id">Chosen by the client, unique per user, 1–64 visible ASCII characters. Again the same id: stored once.</param>
/// <param name="Traceparent">W3C trace context of the sender's span.</param>
public sealed record SendFrame(string Room, string Id, string Text, string? Traceparent = null) : ClientFrame;

public sealed record TypingFrame(string Room) : ClientFrame;

/// <param name="Offset">Everything up to here was seen. A lower one than before changes nothing.</param>
public sealed record ReadFrame(string Room, long Offset) : ClientFrame;

/// <param name="Before">An offset: the page ends just below it. Null: with the newest message.</param>
public sealed record HistoryRequestFrame(string Room, long? Before = null, int Limit = HistoryRequestFrame.LimitDefault) : ClientFrame
{
    public const int LimitDefault = 50;
}

public sealed record RefreshFrame(string Token) : ClientFrame;

public sealed record PongFrame : ClientFrame;
