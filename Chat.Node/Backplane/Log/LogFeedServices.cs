namespace Chat.Node.Backplane.Log;

/// <summary>What every feed of a node shares.</summary>
internal sealed record LogFeedServices(
    NodeOptions Options, NodeIdentity Node, NodeMetrics Metrics, RepairTurns Turns, FeedMemory Memory, TimeProvider Time, ILogger<LogFeed> Logger);
