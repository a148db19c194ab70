using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Node.Presence;

/// <summary>Whether connections should come here: says no while Redis does not answer, and while the node leaves.</summary>
internal sealed class NodeReadiness(NodeStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(status switch
        {
            { IsReady: true, IsRefused: true } => HealthCheckResult.Degraded("Redis refuses to write: nothing can be sent, on any node."),
            { IsReady: true } => HealthCheckResult.Healthy(),
            { IsDraining: true } => HealthCheckResult.Unhealthy("Draining."),
            _ => HealthCheckResult.Unhealthy("Cut off from Redis, or not yet there: it does not answer, or what is published does not arrive."),
        });
}
