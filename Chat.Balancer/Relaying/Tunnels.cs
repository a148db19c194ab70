using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Relaying;

/// <summary>All open tunnels, and the cut of those that stand still.</summary>
internal sealed partial class Tunnels(
    IOptions<BalancerOptions> options, BalancerTelemetry telemetry, TimeProvider clock, ILogger<Tunnels> logger) : BackgroundService
{
    private const int RoundsPerIdleTime = 4;

    private readonly ConcurrentDictionary<Tunnel, bool> _open = new();

    public int Count => _open.Count;

    public IEnumerable<Tunnel> Open => _open.Select(pair => pair.Key);

    public async Task RunAsync(Tunnel tunnel)
    {
        _open[tunnel] = true;
        telemetry.TunnelOpened();
        try
        {
            await tunnel.RunAsync();
        }
        finally
        {
            _open.TryRemove(tunnel, out _);
            tunnel.Destination.Closed();
            telemetry.TunnelClosed();
            telemetry.Relayed(up: true, tunnel.BytesUp);
            telemetry.Relayed(up: false, tunnel.BytesDown);
        }
    }

    public void AbortAll()
    {
        foreach (var (tunnel, _) in _open)
        {
            tunnel.Abort();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.TunnelIdleSeconds / RoundsPerIdleTime), clock);
        while (await timer.NextAsync(stoppingToken))
        {
            CutIdle();
        }
    }

    private void CutIdle()
    {
        var cut = 0;
        foreach (var (tunnel, _) in _open)
        {
            if (tunnel.CountIdle() > RoundsPerIdleTime)
            {
                tunnel.Abort();
                cut++;
            }
        }

        if (cut > 0)
        {
            LogCut(cut, options.Value.TunnelIdleSeconds);
        }
    }

    [LoggerMessage(LogLevel.Information, "Cut {Tunnels} tunnels: no byte for {IdleSeconds} s")]
    private partial void LogCut(int tunnels, double idleSeconds);
}
