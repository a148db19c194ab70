using Chat.Client;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Tests.Cluster.Checking;

/// <summary>What one client was shown in one room, from one join on.</summary>
/// <param name="Events">In the order in which they came.</param>
/// <param name="Present">It was still in the room at the end, and had time to see everything.</param>
internal sealed record ClientView(string Client, IReadOnlyList<RoomEvent> Events, bool Present);

/// <param name="Acked">Where the node said that it is stored; null when it never said so.</param>
internal sealed record SentMessage(string Author, string Id, string Text, Position? Acked);

/// <summary>All there is to know of one room after a run.</summary>
/// <param name="Log">The truth, oldest first; it starts with the room's first message.</param>
/// <param name="RedisLostData">Redis has lost writes on purpose: what it lost may be missing, as long as that was said.</param>
internal sealed record RoomHistory(
    string Room,
    IReadOnlyList<MessageFrame> Log,
    IReadOnlyList<SentMessage> Sent,
    IReadOnlyList<ClientView> Views,
    bool RedisLostData = false);

internal enum AnomalyKind
{
    /// <summary>Acked, and not in the log.</summary>
    AckedButLost,

    /// <summary>Acked with a position at which something else is stored.</summary>
    AckedElsewhere,

    /// <summary>One id, two entries of the log.</summary>
    StoredTwice,

    /// <summary>In the log, and nobody wrote it.</summary>
    NeverSent,

    /// <summary>The log's offsets are not 1, 2, 3, …</summary>
    LogNotContiguous,

    /// <summary>Shown, and not what the log has at that offset.</summary>
    NotInLog,

    /// <summary>Never shown, with later ones shown or the client present to the end, and nothing was said.</summary>
    LostUnnoticed,

    Duplicated,

    Reordered,

    /// <summary>The client was told that messages are lost, and Redis has lost none.</summary>
    NeedlessReset,
}

internal sealed record Anomaly(AnomalyKind Kind, string Room, string Detail)
{
    public override string ToString() => $"{Kind} in {Room}: {Detail}";
}
