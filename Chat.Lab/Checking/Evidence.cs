using Chat.Lab.Results;
using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>All there is to know after a run: what was sent, acked, refused, shown, told, stored and kept.</summary>
/// <param name="Log">For each room, what Redis holds at the end, oldest first; null where the strategy keeps none.</param>
internal sealed record Evidence(
    IReadOnlyList<ClientRecord> Clients, IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>? Log, double EndedAt)
{
    public IReadOnlyList<FaultSpan> Faults { get; init; } = [];

    /// <summary>When Redis lost writes on purpose; null when it was to keep everything.</summary>
    public DataLoss? Loss { get; init; }

    /// <summary>Logs as they were read at some moment: what stood in them has to stand in <see cref="Log"/> at the same place.</summary>
    public IReadOnlyList<KeptLog> Kept { get; init; } = [];

    /// <summary>The people of a room are told by name in every room up to this many.</summary>
    public int MembersListedMax { get; init; } = int.MaxValue;
}

/// <summary>One message as its room's log has it.</summary>
internal sealed record LogEntry(Position At, string Author, string Id, string Text);

/// <param name="When">In words: <c>before the replica went deaf</c>.</param>
internal sealed record KeptLog(string When, IReadOnlyDictionary<string, IReadOnlyList<LogEntry>> Log);

/// <summary>What was sent before the end of it may be lost; what was sent later may not.</summary>
/// <param name="From">The first moment whose writes are lost.</param>
/// <param name="To">From then on everything is kept again. Infinite where no times are known.</param>
internal sealed record DataLoss(double From, double To)
{
    public bool Excuses(SentRecord sent) => sent.SentAt < To;
}
