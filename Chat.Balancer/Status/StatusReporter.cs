using Chat.Balancer.Admission;
using Chat.Balancer.Destinations;
using Chat.Balancer.Relaying;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Status;

internal sealed class StatusReporter(
    DestinationTable table, BalancerTelemetry telemetry, Tunnels tunnels, ConnectionLimits limits, IOptions<BalancerOptions> options)
{
    public StatusReport Report(bool draining, int handshakesWaiting) => new(
        options.Value.Policy,
        draining,
        limits.Connections,
        tunnels.Count,
        handshakesWaiting,
        telemetry.Refusals,
        new BytesReport(tunnels.BytesUp, tunnels.BytesDown),
        [.. table.Current.Select(Report)]);

    /// <summary>True when a request could be forwarded now.</summary>
    public bool AnyUsable() => table.Current.Any(view => view.Usable || view.Ready);

    private static DestinationReport Report(DestinationView view) => new(
        view.Destination.Id,
        view.Destination.Incarnation,
        view.Destination.Endpoint.ToString(),
        view.Lease.State.ToString().ToLowerInvariant(),
        view.Destination.Health.Healthy,
        view.Destination.Health.Last,
        view.Connections,
        view.Destination.Connections,
        view.Lease.Connections,
        view.Lease.Load,
        view.Destination.Picks,
        view.Destination.FailedConnects,
        view.Destination.EarlyCloses,
        view.Destination.Standing.State.ToString().ToLowerInvariant(),
        Math.Round(view.Destination.Standing.Penalty, 3),
        view.Destination.Standing.Ejections,
        view.Destination.Setting.Disabled,
        view.Destination.Setting.Weight,
        view.Destination.Shed);
}
