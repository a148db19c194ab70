using System.Net;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
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
    DestinationNews news)
{
    public BalancerOptions Options { get; } = options.Value;

    public TimeProvider Clock { get; } = clock;

    public BalancerTelemetry Telemetry { get; } = telemetry;

    public LocalEndpoints Local { get; } = local;

    public RequestHeadParser Parser { get; } = new(HeadLimits.OfRequests(options.Value));

    public BalancerState State { get; } = state;

    /// <summary>Spread over a window, so that refused clients do not come back all at once.</summary>
    public int RetryAfterSeconds() => random.Next(1, Options.RetryAfterSecondsMax + 1);

    public IdleUpstreams Idle { get; } = idle;

    /// <param name="mayReuse">False after a kept connection turned out to be closed.</param>
    public ValueTask<(Upstream? Upstream, Refusal? Refusal)> ConnectAsync(RequestHead request, Wire client, IPAddress address, bool mayReuse) =>
        connector.ConnectAsync(
            new PickKey(request, address),
            client,
            request.IsWebSocket ? UpstreamUse.Tunnel : mayReuse && Idle.Suits(request) ? UpstreamUse.RequestOnAny : UpstreamUse.Request);

    public void Finished(Destination destination, Handover handover, long started)
    {
        if (handover.Refusal == Refusal.EarlyClose && destination.ClosedEarly())
        {
            news.Left(destination.Id, "it closes connections before it answers");
        }

        if (handover.Tunnel is not null)
        {
            Telemetry.HandshakeDone(Clock.GetElapsedTime(started));
        }
    }
}
