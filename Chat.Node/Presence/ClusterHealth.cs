using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Connections;
using Chat.Node.Rooms;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Presence;

/// <summary>
/// Whether this node still hears the cluster: it sends itself a canary through pub/sub. A subscription can be dead while its
/// socket looks alive; only what comes back proves it. Without a canary the subscriptions are rebuilt, the node is not ready,
/// and its clients are told. The canary counts when it arrives, not when its turn comes: a node that is behind hears well, and
/// to listen anew would put it further behind.
/// </summary>
internal sealed partial class ClusterHealth(
    SubscriptionConnection subscriptions,
    RedisCalls redis,
    NodeStatus status,
    Pressure pressure,
    ConnectionTable connections,
    IOptions<NodeOptions> options,
    NodeIdentity node,
    TimeProvider time,
    ILogger<ClusterHealth> logger) : BackgroundService
{
    private static readonly OutboundFrame Degraded = OutboundFrame.Text(new StatusFrame(Degraded: true));
    private static readonly OutboundFrame Recovered = OutboundFrame.Text(new StatusFrame(Degraded: false));

    private readonly string _channel = $"chat:canary:{node.Id}";
    private long _rebuiltAt;
    private bool _degraded = true;
    private bool _behind;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The subscription outlives every outage: the connection renews it. Only the first one has to be waited for.
        while (!await TrySubscribeAsync(stoppingToken))
        {
            await Task.Delay(options.Value.CanaryPeriod, time, stoppingToken);
        }

        _rebuiltAt = time.GetTimestamp();
        using var timer = new PeriodicTimer(options.Value.CanaryPeriod, time);
        do
        {
            await SendAsync(stoppingToken);
            Judge();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> TrySubscribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await subscriptions.SubscribeAsync(
                new ChannelSubscription(_channel, received: _ => { }, lost: () => { }, arrived: status.NoteHeard), cancellationToken);
            return true;
        }
        catch (BackplaneUnavailableException)
        {
            return false;
        }
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            await redis.RunAsync(
                redis.Database.PublishAsync(RedisChannel.Literal(_channel), RedisValue.EmptyString), cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            // The canary that does not come says so.
        }
    }

    private void Judge()
    {
        if (!status.Hears && time.GetElapsedTime(_rebuiltAt) >= options.Value.CanaryTimeout)
        {
            LogDeaf(node.Id);
            subscriptions.Rebuild();
            _rebuiltAt = time.GetTimestamp();
        }

        var delay = subscriptions.LaneDelay;
        var behind = delay >= options.Value.LaneDelayMax;
        if (behind != _behind)
        {
            _behind = behind;
            (behind ? (Action<string, TimeSpan>)LogBehind : LogCaughtUp)(node.Id, delay);
        }

        var degraded = status.IsDegraded || pressure.Sheds(Load.Sends);
        var changed = degraded != _degraded;
        if (changed)
        {
            _degraded = degraded;
            (degraded ? (Action<string>)LogDegraded : LogWell)(node.Id);
        }

        // Who came between two of these looks, when all was well, has not heard of the trouble that the others know.
        var unaware = status.TakeGreetedWell() && degraded;
        if (changed || unaware)
        {
            foreach (var connection in connections.All)
            {
                connection.Send(degraded ? Degraded : Recovered);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} does not hear its own canary: the subscriptions are rebuilt")]
    private partial void LogDeaf(string nodeId);

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} is {Delay} behind with what it hears: it delivers late")]
    private partial void LogBehind(string nodeId, TimeSpan delay);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} has caught up with what it hears: {Delay}")]
    private partial void LogCaughtUp(string nodeId, TimeSpan delay);

    [LoggerMessage(LogLevel.Warning, "Node {NodeId} is cut off from Redis: sends are refused until it is back")]
    private partial void LogDegraded(string nodeId);

    [LoggerMessage(LogLevel.Information, "Node {NodeId} hears the cluster")]
    private partial void LogWell(string nodeId);
}
