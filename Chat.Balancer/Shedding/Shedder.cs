using Chat.Balancer.Cluster;
using Chat.Balancer.Destinations;
using Chat.Balancer.Picking;
using Chat.Balancer.Relaying;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Balancer.Shedding;

/// <summary>Looks at the loads every now and then, and asks the nodes that hold too much, or too old connections, to move some.</summary>
internal sealed partial class Shedder(
    DestinationTable table,
    Tunnels tunnels,
    BalancerRegistry registry,
    NodeAsker asker,
    Steering steering,
    SlowStart slowStart,
    BalancerState state,
    IOptions<BalancerOptions> options,
    TimeProvider clock,
    Random random,
    ILogger<Shedder> logger) : BackgroundService
{
    private const int PauseRoundsMax = 32;

    /// <summary>How old what a lease says may be: nodes renew it about every second.</summary>
    private static readonly TimeSpan LeaseAge = TimeSpan.FromSeconds(1);

    private readonly BalancerOptions _options = options.Value;
    private readonly TimeSpan _period = TimeSpan.FromSeconds(options.Value.ShedPeriodSeconds);
    /// <summary>Until those who were asked have gone, and their node has said so in its lease.</summary>
    private readonly TimeSpan _moving = TimeSpan.FromMilliseconds(options.Value.ShedWindowMs) + TimeSpan.FromSeconds(options.Value.LeasePollSeconds) + LeaseAge;
    private bool _hears;
    private readonly ShedBackoff _backoff = new(PauseRoundsMax);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RoundAsync();
            }
            // The client library cancels calls by itself when a connection breaks: that is no reason to end.
            catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or IOException or InvalidOperationException
                || (exception is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                LogSkipped(exception.GetType().Name);
            }

            var jittered = _period * (0.8 + (0.4 * random.NextDouble()));
            await Task.Delay(jittered, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RoundAsync()
    {
        // It has said that it leaves: saying that it is there would send clients to a door that is closed.
        if (state.Draining)
        {
            return;
        }

        await registry.RenewAsync(_period * 4);
        if (!_hears)
        {
            await registry.HearAsync(steering.Expect);
            _hears = true;
        }

        if (_options.ConnectionAgeSecondsMax > 0)
        {
            await MoveOldAsync();
        }

        if (_options.Shedding && await registry.TakeTurnAsync(_period * 0.75))
        {
            await MoveSurplusAsync();
        }
    }

    private async Task MoveSurplusAsync()
    {
        var usable = table.Current.Where(view => view.Usable).ToList();
        var mean = usable.Count == 0 ? 0 : usable.Average(view => view.Fullness);
        var asked = await Task.WhenAll(usable.Select(view => registry.StillAskedAsync(view.Destination.Id, view.Connections)));
        var plan = ShedPlan.Make(
            [.. usable.Zip(asked, (view, asked) => new NodeLoad(view.Destination.Id, view.Connections, slowStart.ShareOf(view.Destination), asked, view.Destination.Setting.Weight))],
            new ShedLimits(_options.ShedRatioMin, _options.ShedConnectionsMin, _options.ShedBatchRatioMax));
        _backoff.Keep(plan.Select(move => move.Node).ToHashSet());
        foreach (var move in plan)
        {
            var view = usable.First(view => view.Destination.Id == move.Node);
            if (_backoff.MayAsk(move.Node, view.Fullness / mean))
            {
                LogSurplus(move.Node, view.Connections, mean, move.Connections);
                await AskAsync(view.Destination, new ShedControl(move.Connections, _options.ShedWindowMs));
                await registry.NoteAskedAsync(move.Node, view.Connections, move.Connections, _moving);
            }
        }
    }

    /// <summary>This balancer's own old tunnels: each balancer knows the age of its own.</summary>
    private async Task MoveOldAsync()
    {
        var old = tunnels.Open.Where(IsOld).ToLookup(tunnel => tunnel.Destination);
        foreach (var view in table.Current.Where(view => view.Usable && old.Contains(view.Destination)))
        {
            var batch = Math.Max(1, (int)(view.Destination.Connections * _options.ShedBatchRatioMax));
            var connections = Math.Min(batch, old[view.Destination].Count());
            await AskAsync(view.Destination, new ShedControl(connections, _options.ShedWindowMs, state.Id));
        }
    }

    /// <summary>Each has its own limit, a tenth around the setting, so that those that came together do not go together.</summary>
    private bool IsOld(Tunnel tunnel)
    {
        var jitter = 0.9 + (0.2 * (tunnel.GetHashCode() % 1000 / 1000.0));
        return clock.GetElapsedTime(tunnel.Opened).TotalSeconds > _options.ConnectionAgeSecondsMax * jitter;
    }

    private async Task AskAsync(Destination destination, ShedControl shed)
    {
        await registry.AnnounceAsync(shed.Connections);
        await asker.AskAsync(destination.Id, shed);
        destination.Asked(shed.Connections);
    }

    [LoggerMessage(LogLevel.Information, "Node {NodeId} holds {Connections}, the mean is {Mean:0.0}: asked to move {Surplus}")]
    private partial void LogSurplus(string nodeId, int connections, double mean, int surplus);

    [LoggerMessage(LogLevel.Debug, "No shedding in this round: {Why}")]
    private partial void LogSkipped(string why);
}
