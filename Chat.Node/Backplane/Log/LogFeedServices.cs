namespace Chat.Node.Backplane.Log;

/// <summary>What every feed of a node shares.</summary>
internal sealed record LogFeedServices(
    NodeOptions Options, NodeIdentity Node, NodeMetrics Metrics, RepairTurns Turns, TimeProvider Time, ILogger<LogFeed> Logger);
