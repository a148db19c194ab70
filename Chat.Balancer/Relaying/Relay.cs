using System.Net;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Listening;
using Chat.Balancer.Picking;
using Chat.Balancer.Status;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Relaying;

/// <summary>What all client connections share.</summary>
internal sealed class Relay(
    Connector connector,
    IdleUpstreams idle,
    LocalEndpoints local,
    BalancerState state,
    BalancerTelemetry telemetry,
    IOptions<BalancerOptions> options,
    TimeProvider clock,
    Random random,
    AccessLog log,
    ClientAddresses addresses,
    Picker picker,
    Outliers outliers)
{
    public BalancerOptions Options { get; } = options.Value;

    public TimeProvider Clock { get; } = clock;

    public BalancerTelemetry Telemetry { get; } = telemetry;

    public LocalEndpoints Local { get; } = local;

    public RequestHeadParser Parser { get; } = new(HeadLimits.OfRequests(options.Value));

    public BalancerState State { get; } = state;

    /// <summary>Spread over a window, so that refused clients do not come back all at once.</summary>
    public int RetryAfterSeconds() => random.Next(1, Options.RetryAfterSecondsMax + 1);

    public ClientAddresses Addresses { get; } = addresses;

    public AccessLog Log { get; } = log;

    public IdleUpstreams Idle { get; } = idle;

    /// <param name="mayReuse">False after a kept connection turned out to be closed.</param>
    /// <param name="failed">Where it has failed already.</param>
    public ValueTask<(Upstream? Upstream, Refusal? Refusal)> ConnectAsync(
        RequestHead request, Wire client, IPAddress address, bool mayReuse, IReadOnlyCollection<Destination> failed, CancellationToken left) =>
        connector.ConnectAsync(
            new PickKey(request, address),
            client,
            request.IsWebSocket ? UpstreamUse.Tunnel : mayReuse && Idle.Suits(request) ? UpstreamUse.RequestOnAny : UpstreamUse.Request,
            failed,
            left);

    /// <summary>Whether a handshake that fails there could go elsewhere.</summary>
    public bool HasOther(Destination destination) => picker.HasOther([destination]);

    /// <summary>Counts what a request says about its node. Of requests only handshakes do: they are all alike, so that no client can make a node fail by what it asks.</summary>
    public void Finished(RequestHead request, Upstream upstream, Exchange exchange, Handover handover)
    {
        var destination = upstream.Destination;
        if (handover.Refusal == Refusal.EarlyClose)
        {
            destination.ClosedEarly();
        }

        if (!request.IsWebSocket)
        {
            return;
        }

        if (handover.Tunnel is not null)
        {
            Telemetry.HandshakeDone(Clock.GetElapsedTime(upstream.Asked));
        }

        if (exchange.Status is { } status)
        {
            Judge(destination, status, Clock.GetElapsedTime(upstream.Asked, exchange.AnsweredAt));
        }
        else if (handover.Refusal is { BlamesNode: true } refusal)
        {
            outliers.Failed(destination, $"its handshakes fail: {refusal.Reason}");
        }
        else
        {
            destination.Standing.Unknown();
        }
    }

    private void Judge(Destination destination, int status, TimeSpan latency)
    {
        if (status >= 500)
        {
            outliers.Failed(destination, $"it answers handshakes with {status}");
        }
        else
        {
            outliers.Answered(destination, latency);
        }
    }
}
