using Chat.Balancer.Destinations;

namespace Chat.Balancer.Probing;

/// <summary>Counts a probe's result and tells of the changes it makes.</summary>
internal sealed class ProbeReport(BalancerTelemetry telemetry, BalancerEvents events)
{
    /// <param name="failure">Null when the node is ready.</param>
    /// <returns>True when the destination's health changed by it.</returns>
    public bool Probed(Destination destination, string? failure)
    {
        telemetry.Probed(destination.Id, failure is null ? "ok" : "failed");
        var changed = failure is null ? destination.Health.Succeed() : destination.Health.Fail(certain: false, failure);
        if (changed)
        {
            events.Changed(destination.Health.Healthy ? "healthy" : "unhealthy", destination.Id);
        }

        return changed;
    }
}
