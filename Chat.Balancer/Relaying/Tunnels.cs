using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Chat.Balancer.Status;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Relaying;

/// <summary>All open tunnels, what has gone through them, and the cut of those that stand still.</summary>
internal sealed partial class Tunnels : BackgroundService
{
    private const int RoundsPerIdleTime = 12;

    private readonly ConcurrentDictionary<Tunnel, bool> _open = new();
    private readonly BalancerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<Tunnels> _logger;
    private readonly AccessLog _log;
    private readonly TimeSpan _round;
    private readonly TimeSpan _halfClosed;
    private long _closedBytesUp;
    private long _closedBytesDown;
    private int _count;

    public Tunnels(IOptions<BalancerOptions> options, BalancerTelemetry telemetry, AccessLog log, TimeProvider clock, ILogger<Tunnels> logger)
    {
        (_options, _log, _clock, _logger) = (options.Value, log, clock, logger);
        _round = TimeSpan.FromSeconds(_options.TunnelIdleSeconds / RoundsPerIdleTime);
        _halfClosed = TimeSpan.FromSeconds(_options.HalfClosedSeconds);
        telemetry.Meter.CreateObservableUpDownCounter("chat.balancer.tunnels", () => Count, "{connection}", "Open tunnels.");
        telemetry.Meter.CreateObservableCounter(
            "chat.balancer.bytes",
            () => new[] { Measure(BytesUp, "up"), Measure(BytesDown, "down") },
            "By",
            "Bytes through tunnels; up is from the client to the node.");
    }

    public int Count => Volatile.Read(ref _count);

    public IEnumerable<Tunnel> Open => _open.Select(pair => pair.Key);

    /// <summary>From clients to nodes, through tunnels open and closed.</summary>
    public long BytesUp => Volatile.Read(ref _closedBytesUp) + Open.Sum(tunnel => tunnel.BytesUp);

    public long BytesDown => Volatile.Read(ref _closedBytesDown) + Open.Sum(tunnel => tunnel.BytesDown);

    public async Task RunAsync(Tunnel tunnel)
    {
        _open[tunnel] = true;
        Interlocked.Increment(ref _count);
        try
        {
            await tunnel.RunAsync();
        }
        finally
        {
            _open.TryRemove(tunnel, out _);
            tunnel.Dispose();
            Interlocked.Decrement(ref _count);
            Interlocked.Add(ref _closedBytesUp, tunnel.BytesUp);
            Interlocked.Add(ref _closedBytesDown, tunnel.BytesDown);
            _log.TunnelEnded(tunnel.Destination.Id, tunnel.BytesUp, tunnel.BytesDown, _clock.GetElapsedTime(tunnel.Opened));
        }
    }

    public void AbortAll()
    {
        foreach (var tunnel in Open)
        {
            tunnel.Abort();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_round, _clock);
        while (await timer.NextAsync(stoppingToken))
        {
            CutIdle();
        }
    }

    private void CutIdle()
    {
        var cut = 0;
        foreach (var tunnel in Open)
        {
            var rounds = tunnel.CountIdle();
            if (rounds >= RoundsPerIdleTime || (tunnel.HalfClosed && rounds * _round >= _halfClosed))
            {
                tunnel.Abort();
                cut++;
            }
        }

        if (cut > 0)
        {
            LogCut(cut, _options.TunnelIdleSeconds);
        }
    }

    private static Measurement<long> Measure(long bytes, string direction) =>
        new(bytes, new KeyValuePair<string, object?>("direction", direction));

    [LoggerMessage(LogLevel.Information, "Cut {Tunnels} tunnels: no byte for {IdleSeconds} s")]
    private partial void LogCut(int tunnels, double idleSeconds);
}
