using Chat.Experiments;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Backplane.Support;

/// <summary>Two nodes of one strategy on a Redis of their own.</summary>
internal sealed class StrategyCluster : IAsyncDisposable
{
    private const int LogMessagesMax = 100;

    // Redis trims a stream by whole blocks of 100 entries.
    public const int MoreThanTheLogKeeps = LogMessagesMax + 200;

    private readonly RedisServer _redis;

    private StrategyCluster(Strategy strategy, RedisServer redis, StrategyNode a, StrategyNode b)
    {
        (_redis, A, B) = (redis, a, b);
        Patience = TimeSpan.FromSeconds(strategy.Keeps(Promise.ReachesOtherNodes) ? 10 : 0.3);
    }

    public StrategyNode A { get; }

    public StrategyNode B { get; }

    /// <summary>How long to wait for something to cross from node to node; short where nothing ever does.</summary>
    public TimeSpan Patience { get; }

    /// <param name="without">Protections of <c>log</c> that are taken away.</param>
    public static async Task<StrategyCluster> StartAsync(Strategy strategy, RedisServerKind kind, params string[] without)
    {
        var options = new NodeOptions
        {
            LogMessagesMax = LogMessagesMax,
            RecoveryMessagesMax = LogMessagesMax / 2,
            NewestMessages = 20,
            RepairRetryMin = TimeSpan.FromMilliseconds(10),
            RepairRetryMax = TimeSpan.FromMilliseconds(50),
        };
        var experiment = new ExperimentOptions { Delivery = strategy.Name, Without = without, StreamsPollPeriod = TimeSpan.FromMilliseconds(10) };

        // With everysec, while the disk is slow, Redis acks for up to two seconds what it has not written yet.
        string[] durable = kind == RedisServerKind.RedisServer ? ["--appendfsync", "always"] : [];
        var redis = await TestRedis.StartAsync(kind, durable);
        try
        {
            return new StrategyCluster(
                strategy,
                redis,
                await StrategyNode.StartAsync("a", redis.Port, options, experiment),
                await StrategyNode.StartAsync("b", redis.Port, options, experiment));
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    public static string NewRoom() => $"room-{Guid.NewGuid():N}";

    /// <summary>Sends one message after another on a node until a member has dealt with one of them.</summary>
    /// <param name="settled">What the member is to have done with it; by default it got it.</param>
    /// <returns>False when none came in time.</returns>
    public async Task<bool> SendUntilAsync(StrategyNode node, string room, Member member, Func<string, bool>? settled = null)
    {
        settled ??= member.Has;
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var sent = new List<string>();
        while (!sent.Exists(id => settled(id)))
        {
            try
            {
                sent.Add($"later-{sent.Count}");
                await node.PublishUntilAckedAsync(room, sent[^1]);
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Ends Redis and starts it with what it had written.</summary>
    public async Task RestartRedisAsync()
    {
        // The embedded server acks what it writes some milliseconds later: killed, it may lose that.
        if (_redis.Kind == RedisServerKind.RedisServer)
        {
            await _redis.KillAsync();
        }

        await _redis.RestartAsync();
    }

    /// <summary>What a failover to a replica that was behind does to a room: everything written since is gone.</summary>
    public async Task<Func<Task>> SaveRoomAsync(string room)
    {
        var saved = new Dictionary<RedisKey, byte[]>();
        await using (var redis = await ConnectAsync())
        {
            foreach (var key in await KeysAsync(redis, room))
            {
                saved[key] = (await redis.GetDatabase().KeyDumpAsync(key))!;
            }
        }

        return async () =>
        {
            await using var redis = await ConnectAsync();
            var transaction = redis.GetDatabase().CreateTransaction();
            _ = transaction.KeyDeleteAsync([.. await KeysAsync(redis, room)]);
            foreach (var (key, value) in saved)
            {
                _ = transaction.KeyRestoreAsync(key, value);
            }

            Assert.True(await transaction.ExecuteAsync());
        };
    }

    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);

    private async Task<List<RedisKey>> KeysAsync(ConnectionMultiplexer redis, string room)
    {
        var keys = new List<RedisKey>();
        await foreach (var key in redis.GetServer(_redis.ConnectionString).KeysAsync(pattern: $"*{room}*"))
        {
            keys.Add(key);
        }

        return keys;
    }
}
