using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>What one client did and was shown. Times are seconds after the start of the load.</summary>
/// <param name="Present">It was there to the end, and had time to see everything.</param>
/// <param name="GoneAt">When it went away for good; null when it did not.</param>
internal sealed record ClientRecord(
    string User,
    IReadOnlyList<RoomRecord> Rooms,
    IReadOnlyList<SentRecord> Sent,
    IReadOnlyList<StatusRecord> Statuses,
    bool Present,
    double? GoneAt);

/// <param name="JoinedAt">When the first answer to its join had come; null when none came.</param>
internal sealed record RoomRecord(
    string Room,
    double? JoinedAt,
    IReadOnlyList<ShownRecord> Shown,
    IReadOnlyList<ToldRecord> Told,
    IReadOnlyList<PresenceRecord> Presence);

/// <param name="AckedAt">When the ack came; null when none did.</param>
/// <param name="Stored">The position in the ack.</param>
/// <param name="Refused">It was refused for good.</param>
internal sealed record SentRecord(string Room, string Id, double SentAt, double? AckedAt, Position? Stored, bool Refused);

/// <summary>One message as one client was shown it.</summary>
/// <param name="Stamp">The time that the message carries, as its node's clock had it.</param>
/// <param name="Segment">Counts the times the client was told of a loss before it: within one, each message comes once.</param>
internal sealed record ShownRecord(string Author, string Id, string Epoch, long Offset, double At, string Stamp, int Segment);

/// <summary>The client was told that messages between two positions are lost.</summary>
internal sealed record ToldRecord(double At, Position From, Position To);

/// <param name="Node">Null unless connected.</param>
internal sealed record StatusRecord(double At, string? Node, bool Degraded, int? CloseCode);

internal sealed record PresenceRecord(double At, IReadOnlyList<string> Joined, IReadOnlyList<string> Left);
