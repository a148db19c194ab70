using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Picking;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Relaying;

/// <summary>Picks a node and connects to it; tries another while none has been reached, since no byte of the request has left yet.</summary>
internal sealed partial class Connector(
    Picker picker,
    IWireFactory wires,
    IdleUpstreams idle,
    IOptions<BalancerOptions> options,
    BalancerTelemetry telemetry,
    BalancerEvents events,
    TimeProvider clock,
    ILogger<Connector> logger)
{
    /// <param name="client">Whose request it is.</param>
    /// <param name="use">What for. A tunnel counts as the destination's from now on.</param>
    /// <returns>A connection, or why there is none.</returns>
    public async ValueTask<(Upstream? Upstream, Refusal? Refusal)> ConnectAsync(PickKey key, Wire client, UpstreamUse use)
    {
        var counts = use == UpstreamUse.Tunnel;
        var refusal = Refusal.NoDestination;
        var tried = new List<Destination>();
        while (tried.Count < options.Value.ConnectAttemptsMax && picker.Pick(key, lasting: counts, tried) is { } view)
        {
            var destination = view.Destination;
            telemetry.Picked(destination);
            if (use == UpstreamUse.RequestOnAny && idle.TryTake(destination) is { } kept)
            {
                return (new Upstream(destination, kept, Reused: true), null);
            }

            if (counts)
            {
                destination.Opened();
            }

            if (counts && !await destination.Handshakes.EnterAsync(CancellationToken.None))
            {
                refusal = Refusal.NodeHandshakeQueue;
            }
            else if (await DialAsync(destination, client) is { } wire)
            {
                return (new Upstream(destination, wire), null);
            }

            if (counts)
            {
                destination.Closed();
            }

            tried.Add(destination);
        }

        return (null, refusal);
    }

    private async ValueTask<Wire?> DialAsync(Destination destination, Wire client)
    {
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

/// <summary>A connection to a node that has had no byte of the request yet.</summary>
/// <param name="Reused">It has served another request: the node may have closed it by now.</param>
internal sealed record Upstream(Destination Destination, Wire Wire, bool Reused = false);

internal enum UpstreamUse
{
    Tunnel,

    /// <summary>One request on a new connection.</summary>
    Request,

    /// <summary>One request that a kept connection may serve.</summary>
    RequestOnAny,
}
