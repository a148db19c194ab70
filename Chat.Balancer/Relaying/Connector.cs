using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Picking;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;
using DialFailure = Chat.Wires.DialFailure;

namespace Chat.Balancer.Relaying;

/// <summary>Picks a node and connects to it; tries another while none has been reached, since no byte of the request has left yet.</summary>
internal sealed partial class Connector(
    Picker picker,
    IWireFactory wires,
    IdleUpstreams idle,
    IOptions<BalancerOptions> options,
    BalancerTelemetry telemetry,
    BalancerEvents events,
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
            if (use == UpstreamUse.RequestOnAny && idle.TryTake(destination, client.Loop) is { } kept)
            {
                return (new Upstream(destination, kept, Reused: true), null);
            }

            if (await TryAsync(destination, client, counts) is var (wire, why) && wire is not null)
            {
                return (new Upstream(destination, wire), null);
            }

            refusal = why ?? refusal;
            tried.Add(destination);
        }

        return (null, refusal);
    }

    /// <param name="counts">As a connection of the destination's, from before it is reached: others pick meanwhile.</param>
    /// <returns>A connection, or why there is none if the client should know.</returns>
    private async ValueTask<(Wire? Wire, Refusal? Why)> TryAsync(Destination destination, Wire client, bool counts)
    {
        if (!counts)
        {
            return await DialAsync(destination, client);
        }

        var connected = false;
        destination.Opened();
        try
        {
            if (!await destination.Handshakes.EnterAsync(CancellationToken.None))
            {
                return (null, Refusal.NodeHandshakeQueue);
            }

            var dialled = await DialAsync(destination, client);
            connected = dialled.Wire is not null;
            return dialled;
        }
        finally
        {
            if (!connected)
            {
                destination.Closed();
            }
        }
    }

    private async ValueTask<(Wire? Wire, Refusal? Why)> DialAsync(Destination destination, Wire client)
    {
        var (wire, why) = await wires.ConnectAsync(destination.Endpoint, client, TimeSpan.FromSeconds(options.Value.ConnectSeconds));
        if (why == DialFailure.Local)
        {
            return (null, Refusal.NoSocket);
        }

        if (why != DialFailure.None && destination.ConnectFailed(certain: why == DialFailure.Refused))
        {
            LogUnreachable(destination.Id);
            events.Changed("unhealthy", destination.Id);
        }

        return (wire, null);
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
