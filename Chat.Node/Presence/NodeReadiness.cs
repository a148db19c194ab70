using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Node.Presence;

/// <summary>Whether connections should come here: says no while Redis does not answer, and while the node leaves.</summary>
internal sealed class NodeReadiness(NodeStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(status switch
        {
            { IsReady: true } => HealthCheckResult.Healthy(),
            { IsDraining: true } => HealthCheckResult.Unhealthy("Draining."),
            _ => HealthCheckResult.Unhealthy("The lease in Redis is not renewed: Redis does not answer, or not yet."),
        });
}
