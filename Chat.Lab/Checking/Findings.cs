using Chat.Lab.Results;

namespace Chat.Lab.Checking;

/// <summary>What is wrong, and what was measured on the way.</summary>
/// <param name="Lost">The deliveries that never came.</param>
/// <param name="Delivered">Those that came, to others than their writer.</param>
/// <param name="GapsSeconds">How long each client was connected to no node, each time, sorted.</param>
internal sealed record Findings(
    Tally Tally,
    Anomalies Anomalies,
    IReadOnlyList<LostDelivery> Lost,
    IReadOnlyList<Delivery> Delivered,
    IReadOnlyList<double> GapsSeconds,
    PresenceFindings Presence,
    ConnectionFindings Connections)
{
    /// <summary>Of every delivery to another client, sorted.</summary>
    public IReadOnlyList<double> DelaysMs { get; } = [.. Delivered.Select(delivery => delivery.DelayMs).Order()];

    public long Count(AnomalyKind kind) => Anomalies.Count(kind);
}

internal sealed record Delivery(string Receiver, double SentAt, double DelayMs);

/// <param name="Noticed">The client was told of a loss that covers it.</param>
internal sealed record LostDelivery(string Receiver, string Author, string Id, double SentAt, bool Noticed);
