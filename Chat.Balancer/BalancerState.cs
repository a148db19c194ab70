using Chat.Balancer.Admission;
using Microsoft.Extensions.Options;

namespace Chat.Balancer;

/// <summary>Who this balancer is, whether it is leaving, and the queue at its door.</summary>
internal sealed class BalancerState(IOptions<BalancerOptions> options, TimeProvider clock)
{
    private volatile bool _leaving;
    private volatile bool _draining;

    /// <summary>This balancer's name in Redis and in what it forwards.</summary>
    public string Id { get; } = options.Value.Id ?? "balancer-" + Guid.NewGuid().ToString("n")[..8];

    /// <summary>True once the balancer has been told to stop: its health says so, and everybody is served a little longer, until those who ask have heard.</summary>
    public bool Leaving => _leaving;

    /// <summary>True once its doors are closed: requests are refused, connections close after the one they are in.</summary>
    public bool Draining => _draining;

    public RateQueue Handshakes { get; } = new(
        options.Value.HandshakesPerSecondMax,
        options.Value.HandshakeQueueMax,
        TimeSpan.FromSeconds(options.Value.HandshakeQueueSeconds),
        clock);

    public int HandshakesWaiting => Handshakes.Waiting;

    public void Leave() => _leaving = true;

    public void Drain() => _draining = _leaving = true;
}
