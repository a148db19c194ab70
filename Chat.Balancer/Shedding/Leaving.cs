using Chat.Balancer.Destinations;
using Chat.Balancer.Relaying;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Balancer.Shedding;

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
    private static readonly TimeSpan RedisTime = TimeSpan.FromSeconds(1);

    /// <summary>Returns soon, whatever Redis does.</summary>
    public async Task TellNodesAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TellAsync().WaitAsync(RedisTime, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            LogNotTold(exception.GetType().Name);
        }
    }

    private async Task TellAsync()
    {
        var others = await registry.HasOthersAsync();
        await registry.LeaveAsync();
        if (!others || tunnels.Count == 0)
        {
            return;
        }

        var windowMs = (int)(options.Value.DrainSeconds * 500);
        var open = tunnels.Open.CountBy(tunnel => tunnel.Destination).ToDictionary();
        foreach (var view in table.Current.Where(view => open.ContainsKey(view.Destination)))
        {
            await asker.AskAsync(view.Destination.Id, new ShedControl(open[view.Destination], windowMs, state.Id));
        }

        LogTold(tunnels.Count);
    }

    [LoggerMessage(LogLevel.Information, "Another balancer is there: nodes are asked to move {Tunnels} clients to it")]
    private partial void LogTold(int tunnels);

    [LoggerMessage(LogLevel.Warning, "Nodes could not be asked to move clients: {Why}")]
    private partial void LogNotTold(string why);
}
