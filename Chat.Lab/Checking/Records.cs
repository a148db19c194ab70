using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>What one client did and was shown. Times are seconds after the start of the load.</summary>
/// <param name="Rooms">One for each join: whoever leaves and comes again has several of one room.</param>
/// <param name="Present">It was there to the end, and had time to see everything.</param>
/// <param name="GoneAt">When it went away for good; null when it did not.</param>
internal sealed record ClientRecord(
    string User,
    IReadOnlyList<RoomRecord> Rooms,
    IReadOnlyList<SentRecord> Sent,
    IReadOnlyList<StatusRecord> Statuses,
    bool Present,
    double? GoneAt)
{
    /// <summary>Messages that came on its connection though it was in no such room.</summary>
    public IReadOnlyList<string> Strays { get; init; } = [];
}

/// <param name="JoinedAt">When the first answer to its join had come; null when none came.</param>
internal sealed record RoomRecord(
    string Room,
    double? JoinedAt,
    IReadOnlyList<ShownRecord> Shown,
    IReadOnlyList<ToldRecord> Told,
    IReadOnlyList<PresenceRecord> Presence)
{
    /// <summary>What came on the wire, before the client's own protection; empty where nobody listened there.</summary>
    public IReadOnlyList<WireRecord> Wire { get; init; } = [];

    /// <summary>It left the room before the end: it is owed nothing more.</summary>
    public bool Left { get; init; }
}

internal enum SendOutcome
{
    /// <summary>Neither acked nor refused.</summary>
    Open,

    Acked,

    /// <summary>Refused for good by the node, which stored nothing.</summary>
    Refused,

    /// <summary>Given up before anybody knew.</summary>
    Unknown,
}

/// <param name="AckedAt">When the ack came; null when none did.</param>
/// <param name="Stored">The position in the ack.</param>
internal sealed record SentRecord(string Room, string Id, double SentAt, double? AckedAt, Position? Stored, SendOutcome Outcome, string Text);

/// <summary>One message as one client was shown it.</summary>
/// <param name="Stamp">The time that the message carries, as its node's clock had it.</param>
/// <param name="Segment">Counts the times the client was told of a loss before it: within one, each message comes once.</param>
internal sealed record ShownRecord(string Author, string Id, string Epoch, long Offset, double At, string Stamp, int Segment, string Text);

/// <summary>The client was told that messages between two positions are lost.</summary>
internal sealed record ToldRecord(double At, Position From, Position To);

/// <param name="Node">Null unless connected.</param>
internal sealed record StatusRecord(double At, string? Node, bool Degraded, int? CloseCode);

/// <param name="Count">All who are there now, as the client was told; in a big room it is told no names.</param>
internal sealed record PresenceRecord(double At, IReadOnlyList<string> Joined, IReadOnlyList<string> Left, int Count);

internal enum WireKind
{
    /// <summary>The answer to a join; its messages follow as <see cref="Answer"/>.</summary>
    Joined,

    Answer,

    Live,
}

/// <param name="At">Of a join, the log's top.</param>
/// <param name="Recovered">Of a join: nothing is missing before its messages.</param>
internal sealed record WireRecord(WireKind Kind, Position At, string Author, string Id, bool Recovered);
