using Microsoft.Extensions.Options;

namespace Chat.Balancer.Admission;

/// <summary>TLS handshakes by rate: they run on the loops that carry the tunnels.</summary>
internal sealed class TlsQueue(IOptions<BalancerOptions> options, TimeProvider clock)
{
    private readonly RateQueue _queue = new(
        options.Value.TlsHandshakesPerSecondMax,
        options.Value.HandshakeQueueMax,
        TimeSpan.FromSeconds(options.Value.HeadSeconds),
        clock);

    /// <returns>False when the client would wait too long: it is closed.</returns>
    public ValueTask<bool> EnterAsync() => _queue.EnterAsync(CancellationToken.None);
}
