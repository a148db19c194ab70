using Chat.Balancer.Relaying;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Destinations;

/// <summary>
/// Resets the tunnels to nodes that are gone without having closed them: paused, or cut off. Their clients would wait for a ping that
/// never comes; this way they come back elsewhere at once. A lease alone says nothing: a node that answers, and a tunnel through which
/// something comes from the node, are left alone.
/// </summary>
internal sealed partial class AbandonedTunnels(
    Tunnels tunnels, DestinationTable table, IOptions<BalancerOptions> options, TimeProvider clock, ILogger<AbandonedTunnels> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.AbandonSeconds);
    private Dictionary<Tunnel, Quiet> _quiet = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        while (await timer.NextAsync(stoppingToken))
        {
            Look();
        }
    }

    private void Look()
    {
        var now = clock.GetTimestamp();
        var quiet = new Dictionary<Tunnel, Quiet>();
        var silent = table.Watched.Where(destination => destination.Health.Silence >= _patience && !table.HasLease(destination)).ToHashSet();
        foreach (var left in tunnels.Open.Where(tunnel => silent.Contains(tunnel.Destination)).GroupBy(tunnel => tunnel.Destination))
        {
            var reset = 0;
            foreach (var tunnel in left)
            {
                var since = _quiet.TryGetValue(tunnel, out var last) && last.Bytes == tunnel.BytesDown ? last : new Quiet(tunnel.BytesDown, now);
                quiet[tunnel] = since;
                if (clock.GetElapsedTime(since.Since, now) >= _patience)
                {
                    tunnel.Abort();
                    reset++;
                }
            }

            if (reset > 0)
            {
                LogAbandoned(reset, left.Key.Id);
            }
        }

        _quiet = quiet;
    }

    /// <param name="Bytes">That had come from the node.</param>
    /// <param name="Since">The clock's timestamp at which they had.</param>
    private readonly record struct Quiet(long Bytes, long Since);

    [LoggerMessage(LogLevel.Warning, "Reset {Tunnels} tunnels to node {NodeId}: it has no lease, answers no probe and has not closed them")]
    private partial void LogAbandoned(int tunnels, string nodeId);
}
