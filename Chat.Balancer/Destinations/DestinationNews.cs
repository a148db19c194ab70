using Chat.Protocol;

namespace Chat.Balancer.Destinations;

/// <summary>What becomes of destinations, said once: to those who watch, in the log, and in the metrics.</summary>
internal sealed partial class DestinationNews(BalancerEvents events, BalancerTelemetry telemetry, ILogger<DestinationNews> logger)
{
    public void Changed(NodeLease lease)
    {
        LogState(lease.Id, lease.Url, lease.State);
        events.Changed(lease.State.ToString().ToLowerInvariant(), lease.Id);
    }

    public void Gone(string node)
    {
        LogGone(node);
        events.Changed("gone", node);
    }

    /// <param name="failure">Null when the node was ready.</param>
    public void Probed(string node, string? failure) => telemetry.Probed(node, failure is null ? "ok" : "failed");

    public void Returned(string node)
    {
        LogHealthy(node);
        events.Changed("healthy", node);
    }

    public void Left(string node, string why)
    {
        LogUnhealthy(node, why);
        events.Changed("unhealthy", node);
    }

    /// <summary>By what its handshakes did, whatever its probes say.</summary>
    public void Ejected(string node, string why)
    {
        telemetry.Ejected(node);
        LogEjected(node, why);
        events.Changed("ejected", node);
    }

    public void Readmitted(string node)
    {
        LogReadmitted(node);
        events.Changed("readmitted", node);
    }

    /// <param name="lost">False when they are back.</param>
    public void LeasesLost(bool lost, int away, int nodes)
    {
        if (lost)
        {
            LogLeasesLost(away, nodes);
        }
        else
        {
            LogLeasesBack();
        }

        events.Changed(lost ? "leases-lost" : "leases-back", node: null, away);
    }

    public void Asked(string node, int connections)
    {
        telemetry.Shed(node, connections);
        events.Changed("shed", node, connections);
    }

    [LoggerMessage(LogLevel.Information, "Node {NodeId} at {Url} is {State}")]
    private partial void LogState(string nodeId, string url, NodeState state);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} is gone: no lease")]
    private partial void LogGone(string nodeId);

    [LoggerMessage(LogLevel.Warning, "{Away} of {Nodes} nodes have no lease: Redis has lost them, so they stay while they take connections")]
    private partial void LogLeasesLost(int away, int nodes);

    [LoggerMessage(LogLevel.Information, "Most nodes have leases again")]
    private partial void LogLeasesBack();

    [LoggerMessage(LogLevel.Information, "Node {NodeId} is healthy again")]
    private partial void LogHealthy(string nodeId);

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} gets nothing for a while: {Why}")]
    private partial void LogEjected(string nodeId, string why);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} has answered a handshake well and gets its share again")]
    private partial void LogReadmitted(string nodeId);

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} is out until its probes succeed: {Why}")]
    private partial void LogUnhealthy(string nodeId, string why);
}
