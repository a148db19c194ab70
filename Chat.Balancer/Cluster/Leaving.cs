using Chat.Balancer.Destinations;
using Chat.Balancer.Relaying;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Balancer.Cluster;

/// <summary>When this balancer leaves and another is there, asks the nodes to move the clients that came through this one.</summary>
internal sealed partial class Leaving(
    DestinationTable table,
    Tunnels tunnels,
    BalancerRegistry registry,
    NodeAsker asker,
    BalancerState state,
    IOptions<BalancerOptions> options,
    TimeProvider clock,
    ILogger<Leaving> logger)
{
    /// <summary>A request that a node has not heard is made so many times more within the drain time.</summary>
    private const int Repeats = 10;

    private static readonly TimeSpan PeriodMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RedisTime = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _drain = TimeSpan.FromSeconds(options.Value.DrainSeconds);

    /// <summary>Returns soon, whatever Redis does.</summary>
    /// <returns>True when another balancer is there and nodes have something to move.</returns>
    public async Task<bool> TellNodesAsync(CancellationToken cancellationToken)
    {
        var others = false;
        await TryAsync(
            async () =>
            {
                others = await registry.HasOthersAsync();
                await registry.LeaveAsync();
                if (others && tunnels.Count > 0)
                {
                    await AskAsync(_drain);
                    LogTold(tunnels.Count);
                }
            },
            cancellationToken);
        return others && tunnels.Count > 0;
    }

    /// <summary>Asks again for those that are still here: the node may have been busy with another request, or Redis away.</summary>
    /// <param name="enough">Everybody has gone, or the time is over.</param>
    public async Task TellAgainAsync(CancellationToken enough)
    {
        var started = clock.GetTimestamp();
        using var timer = new PeriodicTimer(_drain > PeriodMin * Repeats ? _drain / Repeats : PeriodMin, clock);
        while (await timer.NextAsync(enough))
        {
            var left = _drain - clock.GetElapsedTime(started);
            await TryAsync(() => AskAsync(left), enough);
        }
    }

    /// <param name="left">Until the rest is reset: half of it is for going.</param>
    private async Task AskAsync(TimeSpan left)
    {
        var windowMs = Math.Max(1, (int)(left.TotalMilliseconds / 2));
        var open = tunnels.Open.CountBy(tunnel => tunnel.Destination).ToDictionary();
        foreach (var view in table.Current.Where(view => open.ContainsKey(view.Destination)))
        {
            await asker.AskAsync(view.Destination.Id, new ShedControl(open[view.Destination], windowMs, state.Id));
        }
    }

    private async Task TryAsync(Func<Task> tell, CancellationToken cancellationToken)
    {
        try
        {
            await tell().WaitAsync(RedisTime, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            LogNotTold(exception.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Information, "Another balancer is there: nodes are asked to move {Tunnels} clients to it")]
    private partial void LogTold(int tunnels);

    [LoggerMessage(LogLevel.Warning, "Nodes could not be asked to move clients: {Why}")]
    private partial void LogNotTold(string why);
}
