using System.Threading.Channels;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Connections;
using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Node.Draining;

/// <summary>Moves some connections elsewhere when a balancer asks for it, so that a new node gets its share.</summary>
internal sealed partial class Shedder(
    SubscriptionConnection subscriptions, NodeIdentity node, ConnectionTable connections, IOptions<NodeOptions> options, TimeProvider time, ILogger<Shedder> logger)
    : BackgroundService
{
    private const int OwnMax = 8;

    private readonly Channel<ShedControl> _asked = Channel.CreateBounded<ShedControl>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropNewest });

    /// <summary>For a balancer's own clients, because it leaves or they are old: does not wait for what evens out loads.</summary>
    private readonly Channel<ShedControl> _own = Channel.CreateBounded<ShedControl>(
        new BoundedChannelOptions(OwnMax) { FullMode = BoundedChannelFullMode.DropNewest });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IAsyncDisposable? subscription;
        while ((subscription = await TrySubscribeAsync(stoppingToken)) is null)
        {
            await Task.Delay(options.Value.RepairRetryMax, time, stoppingToken);
        }

        await using var _ = subscription;
        await Task.WhenAll(ServeAsync(_asked, stoppingToken), ServeAsync(_own, stoppingToken));
    }

    private async Task ServeAsync(Channel<ShedControl> asked, CancellationToken stoppingToken)
    {
        await foreach (var shed in asked.Reader.ReadAllAsync(stoppingToken))
        {
            await ShedAsync(shed, stoppingToken);
        }
    }

    private async Task<IAsyncDisposable?> TrySubscribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            // What was asked and not heard is asked again.
            var channel = new ChannelSubscription(NodeControlCodec.ChannelOf(node.Id), Receive, lost: () => { });
            return await subscriptions.SubscribeAsync(channel, cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            return null;
        }
    }

    private void Receive(byte[] utf8)
    {
        if (NodeControlCodec.Decode(utf8) is ShedControl shed)
        {
            (shed.Balancer is null ? _asked : _own).Writer.TryWrite(shed);
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

    [LoggerMessage(LogLevel.Information, "Moving {Connections} connections elsewhere; asked for {Asked}")]
    private partial void LogShedding(int connections, int asked);
}
