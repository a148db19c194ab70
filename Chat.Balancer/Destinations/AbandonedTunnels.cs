using Chat.Balancer.Relaying;
using Microsoft.Extensions.Options;

namespace Chat.Balancer.Destinations;

/// <summary>
/// Resets the tunnels to nodes that are gone without having closed them: paused, or cut off. Their clients would wait for a ping that
/// never comes; this way they come back elsewhere at once.
/// </summary>
internal sealed partial class AbandonedTunnels(
    Tunnels tunnels, DestinationTable table, IOptions<BalancerOptions> options, TimeProvider clock, ILogger<AbandonedTunnels> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.AbandonSeconds);
    private readonly Dictionary<Destination, long> _goneSince = [];

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
        var present = table.Current.Select(view => view.Destination).ToHashSet();
        var gone = tunnels.Open.Where(tunnel => !present.Contains(tunnel.Destination)).ToLookup(tunnel => tunnel.Destination);
        foreach (var ended in _goneSince.Keys.Where(destination => !gone.Contains(destination)).ToList())
        {
            _goneSince.Remove(ended);
        }

        foreach (var left in gone)
        {
            var since = _goneSince.TryAdd(left.Key, clock.GetTimestamp()) ? clock.GetTimestamp() : _goneSince[left.Key];
            if (clock.GetElapsedTime(since) >= _patience)
            {
                LogAbandoned(left.Count(), left.Key.Id);
                foreach (var tunnel in left)
                {
                    tunnel.Abort();
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Reset {Tunnels} tunnels to node {NodeId}: it is gone and has not closed them")]
    private partial void LogAbandoned(int tunnels, string nodeId);
}
