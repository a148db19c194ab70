using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Draining;

/// <summary>Moves some connections elsewhere when a balancer asks for it, so that a new node gets its share.</summary>
internal sealed partial class Shedder(
    RedisCalls redis, NodeIdentity node, ConnectionTable connections, IOptions<NodeOptions> options, TimeProvider time, ILogger<Shedder> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var queue = await SubscribeAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var message = await queue.ReadAsync(stoppingToken);
            if (NodeControlCodec.Decode((byte[])message.Message!) is ShedControl shed)
            {
                await ShedAsync(shed, stoppingToken);
            }
        }
    }

    private async Task ShedAsync(ShedControl shed, CancellationToken cancellationToken)
    {
        var leaving = connections.All
            .Where(connection => !connection.IsLeaving && (shed.Balancer is null || connection.Balancer == shed.Balancer))
            .OrderBy(connection => connection.OpenedAt)
            .Take(shed.Connections)
            .ToArray();
        var window = TimeSpan.FromMilliseconds(Math.Min(shed.ReconnectWithinMs, options.Value.DrainTimeout.TotalMilliseconds));
        LogShedding(leaving.Length, shed.Connections);
        await Dismissal.RunAsync(leaving, window, CloseCode.Rebalanced, time, cancellationToken);
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await redis.RunAsync(
                    redis.Subscriber.SubscribeAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf(node.Id))), cancellationToken);
            }
            catch (BackplaneUnavailableException)
            {
                await Task.Delay(options.Value.RepairRetryMax, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Moving {Connections} connections elsewhere; asked for {Asked}")]
    private partial void LogShedding(int connections, int asked);
}
