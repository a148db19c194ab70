using Chat.Lab.Results;

namespace Chat.Lab.Checking;

/// <summary>All there is to know after a run.</summary>
/// <param name="Log">For each room, what it gives as its history, oldest first; null for rooms that keep none.</param>
/// <param name="HistoryAt">When the reading of it began: what was acked later need not be in it.</param>
internal sealed record Evidence(
    IReadOnlyList<ClientRecord> Clients,
    IReadOnlyDictionary<string, IReadOnlyList<LogEntry>>? Log,
    double EndedAt,
    double HistoryAt = double.PositiveInfinity)
{
    /// <summary>For each room, author and id of what is in its log.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<(string Author, string Id)>>? History { get; } = Log?.ToDictionary(
        room => room.Key, room => (IReadOnlySet<(string, string)>)room.Value.Select(entry => (entry.Author, entry.Id)).ToHashSet());
}

/// <summary>What is wrong with it, and what was measured on the way.</summary>
/// <param name="Anomalies">All of them, in words.</param>
/// <param name="Lost">The deliveries that never came.</param>
/// <param name="DelaysMs">Of every delivery to another client, sorted.</param>
/// <param name="GapsSeconds">How long each client was connected to no node, each time, sorted.</param>
/// <param name="Log">What does not agree with the rooms' logs.</param>
/// <param name="FalseLeaves">Times that somebody was shown as gone who was not.</param>
internal sealed record Findings(
    Tally Tally,
    IReadOnlyList<string> Anomalies,
    IReadOnlyList<LostDelivery> Lost,
    IReadOnlyList<double> DelaysMs,
    IReadOnlyList<double> GapsSeconds,
    int FalseLeaves,
    LogFindings Log);

/// <param name="Noticed">The client was told of a loss that covers it.</param>
internal sealed record LostDelivery(string Receiver, string Author, string Id, double SentAt, bool Noticed);
