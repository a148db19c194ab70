using Chat.Balancer.Admission;
using Microsoft.Extensions.Options;

namespace Chat.Balancer;

/// <summary>Whether the balancer is leaving, and the queue at its door.</summary>
internal sealed class BalancerState(IOptions<BalancerOptions> options, TimeProvider clock)
{
    private volatile bool _draining;

    /// <summary>True once the balancer is leaving: requests are refused, connections close after the one they are in.</summary>
    public bool Draining => _draining;

    public RateQueue Handshakes { get; } = new(
        options.Value.HandshakesPerSecondMax,
        options.Value.HandshakeQueueMax,
        TimeSpan.FromSeconds(options.Value.HandshakeQueueSeconds),
        clock);

    public int HandshakesWaiting => Handshakes.Waiting;

    public void Drain() => _draining = true;
}
