using Chat.Balancer.Destinations;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Balancer.Cluster;

/// <summary>Reads the nodes' leases: at every published change, and slowly all the time. With Redis away the last table stays in force.</summary>
internal sealed partial class LeaseWatcher(
    IConnectionMultiplexer redis,
    DestinationTable table,
    IOptions<BalancerOptions> options,
    TimeProvider clock,
    ILogger<LeaseWatcher> logger) : BackgroundService
{
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly TimeSpan _period = TimeSpan.FromSeconds(options.Value.LeasePollSeconds);
    private bool _away;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var subscribed = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                subscribed = subscribed || await SubscribeAsync().WaitAsync(_period * 2, clock, stoppingToken);
                table.Apply(await ReadAsync().WaitAsync(_period * 2, clock, stoppingToken));
                Report(away: false);
            }
            // The client library cancels calls by itself when a connection breaks: that is no reason to end.
            catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or IOException or InvalidOperationException
                || (exception is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                Report(away: true, (exception as RedisConnectionException)?.FailureType.ToString() ?? exception.GetType().Name);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await ((Task)_changed.WaitAsync(_period, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    private async Task<bool> SubscribeAsync()
    {
        var channel = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(NodeLeaseCodec.Changes));
        channel.OnMessage(_ =>
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        });
        return true;
    }

    private async Task<IReadOnlyCollection<NodeLease>> ReadAsync()
    {
        var database = redis.GetDatabase();
        var ids = await database.SetMembersAsync(NodeLeaseCodec.Index);
        var values = await Task.WhenAll(ids.Select(id => database.StringGetAsync(NodeLeaseCodec.KeyOf(id.ToString()))));
        return [.. values.Where(value => value.HasValue).Select(value => NodeLeaseCodec.Decode((byte[])value!)).OfType<NodeLease>()];
    }

    private void Report(bool away, string why = "")
    {
        if (away != _away)
        {
            _away = away;
            if (away)
            {
                LogAway(why);
            }
            else
            {
                LogBack();
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis is away ({Why}): the last table stays in force, probes decide")]
    private partial void LogAway(string why);

    [LoggerMessage(LogLevel.Information, "Redis is back")]
    private partial void LogBack();
}
