using Chat.Balancer.Destinations;
using Chat.Balancer.Picking;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Relaying;

/// <summary>Picks a node and connects to it; tries another while none has been reached, since no byte of the request has left yet.</summary>
internal sealed partial class Connector(
    Picker picker,
    IWireFactory wires,
    IOptions<BalancerOptions> options,
    BalancerTelemetry telemetry,
    BalancerEvents events,
    TimeProvider clock,
    ILogger<Connector> logger)
{
    /// <param name="client">Whose request it is.</param>
    /// <param name="counts">The connection becomes a tunnel, and counts as the destination's from now on.</param>
    /// <returns>Null when no node could be reached.</returns>
    public async ValueTask<Upstream?> ConnectAsync(PickKey key, Wire client, bool counts)
    {
        var tried = new List<Destination>();
        while (tried.Count < options.Value.ConnectAttemptsMax && picker.Pick(key, lasting: counts, tried) is { } view)
        {
            var destination = view.Destination;
            telemetry.Picked(destination);
            if (counts)
            {
                destination.Opened();
            }

            if (await DialAsync(destination, client, counts) is { } wire)
            {
                return new Upstream(destination, wire);
            }

            if (counts)
            {
                destination.Closed();
            }

            tried.Add(destination);
        }

        return null;
    }

    private async ValueTask<Wire?> DialAsync(Destination destination, Wire client, bool counts)
    {
        if (counts && !await destination.Handshakes.EnterAsync(CancellationToken.None))
        {
            return null;
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.ConnectSeconds), clock);
        var wire = await wires.ConnectAsync(destination.Endpoint, client, deadline.Token);
        if (wire is null && destination.ConnectFailed())
        {
            LogUnreachable(destination.Id);
            events.Changed("unhealthy", destination.Id);
        }

        return wire;
    }

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} cannot be reached: out until its probes succeed")]
    private partial void LogUnreachable(string nodeId);
}

/// <summary>A connection to a node that has had no byte yet.</summary>
internal sealed record Upstream(Destination Destination, Wire Wire);
