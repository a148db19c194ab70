using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Picking;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;
using DialFailure = Chat.Wires.DialFailure;

namespace Chat.Balancer.Relaying;

/// <summary>Picks a node and connects to it; tries another while none has been reached, since no byte of the request has left yet.</summary>
internal sealed class Connector(
    Picker picker,
    IWireFactory wires,
    IdleUpstreams idle,
    IOptions<BalancerOptions> options,
    BalancerTelemetry telemetry,
    DestinationNews news,
    Outliers outliers,
    TimeProvider clock)
{
    /// <param name="client">Whose request it is.</param>
    /// <param name="failed">Where the request has failed already.</param>
    /// <param name="use">What for. A tunnel counts as the destination's from now on.</param>
    /// <param name="left">The client has gone: nobody waits for a turn any more.</param>
    /// <returns>A connection, or why there is none.</returns>
    public async ValueTask<(Upstream? Upstream, Refusal? Refusal)> ConnectAsync(
        PickKey key, Wire client, UpstreamUse use, IReadOnlyCollection<Destination> failed, CancellationToken left)
    {
        var counts = use == UpstreamUse.Tunnel;
        var refusal = Refusal.NoDestination;
        var tried = new List<Destination>(failed);
        while (tried.Count - failed.Count < options.Value.ConnectAttemptsMax && picker.Pick(key, lasting: counts, tried) is { } view)
        {
            var destination = view.Destination;
            telemetry.Picked(destination);
            if (use == UpstreamUse.RequestOnAny && idle.TryTake(destination, client.Loop) is { } kept)
            {
                return (new Upstream(destination, kept, clock.GetTimestamp(), reused: true), null);
            }

            var (upstream, why) = counts ? await ReachAsync(destination, client, left) : await DialAsync(destination, client, slot: null);
            if (upstream is not null)
            {
                return (upstream, null);
            }

            refusal = why ?? refusal;
            tried.Add(destination);
        }

        return (null, refusal);
    }

    /// <summary>Counts as a connection of the destination's from before it is reached: others pick meanwhile.</summary>
    /// <returns>A connection, or why there is none if the client should know.</returns>
    private async ValueTask<(Upstream? Upstream, Refusal? Why)> ReachAsync(Destination destination, Wire client, CancellationToken left)
    {
        var slot = destination.Enter();
        try
        {
            if (!await destination.Handshakes.EnterAsync(left))
            {
                destination.Standing.Unknown();
                return (null, Refusal.NodeHandshakeQueue);
            }

            var (upstream, why) = await DialAsync(destination, client, slot);
            slot = upstream is null ? slot : null;
            return (upstream, why);
        }
        finally
        {
            slot?.Dispose();
        }
    }

    private async ValueTask<(Upstream? Upstream, Refusal? Why)> DialAsync(Destination destination, Wire client, Slot? slot)
    {
        var asked = clock.GetTimestamp();
        var (wire, why) = await wires.ConnectAsync(destination.Endpoint, client, TimeSpan.FromSeconds(options.Value.ConnectSeconds));
        if (why == DialFailure.Local)
        {
            destination.Standing.Unknown();
            return (null, Refusal.NoSocket);
        }

        if (why == DialFailure.Refused)
        {
            destination.Standing.Unknown();
        }
        else if (why != DialFailure.None)
        {
            outliers.Failed(destination, "it takes no connections");
        }

        if (why != DialFailure.None && destination.ConnectFailed(certain: why == DialFailure.Refused))
        {
            news.Left(destination.Id, "it cannot be reached");
        }

        return (wire is null ? null : new Upstream(destination, wire, asked, slot), null);
    }
}
