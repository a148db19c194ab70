using Chat.Lab.Faults;
using Chat.Lab.Processes;

namespace Chat.Lab.Cluster;

/// <summary>Redis, nodes and balancer, each in a process of its own, with a fault proxy on every link. All of it ends with the cell.</summary>
internal sealed class LabCluster : IAsyncDisposable
{
    /// <summary>How fast one may send is the subject of one experiment alone.</summary>
    private static readonly string[] NoHurry = ["SendsPerSecond=100000", "SendsBurst=100000", "SendsPrepaid=1000", "FramesPerSecond=100000", "FramesBurst=100000"];

    private readonly ProcessLeash _leash;
    private readonly ClusterPlan _plan;
    private readonly string _key = System.Security.Cryptography.RandomNumberGenerator.GetHexString(64);
    private readonly List<ClusterNode> _nodes = [];
    private RedisServer? _spare;

    private LabCluster(ClusterPlan plan, RedisServer redis, ProcessLeash leash)
    {
        (_plan, _leash, Redis) = (plan, leash, redis);
        _leash.Add(redis.ProcessId);
        BalancerRedis = FaultProxy.Start(redis.Port, Seeds.Mix(plan.Seed, "balancer to Redis"));
        Balancer = new BalancerProgram(BalancerRedis.Port, plan, leash);
        for (var index = 0; index < plan.Nodes; index++)
        {
            _nodes.Add(Describe(index));
        }
    }

    public RedisServer Redis { get; private set; }

    /// <summary>Between the balancer and Redis.</summary>
    public FaultProxy BalancerRedis { get; }

    public BalancerProgram Balancer { get; }

    /// <summary>Those of the plan first, then those added.</summary>
    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    /// <summary>Returns when the balancer knows every node and finds it healthy.</summary>
    public static async Task<LabCluster> StartAsync(ClusterPlan plan, CancellationToken cancellationToken)
    {
        var leash = new ProcessLeash();
        LabCluster? cluster = null;
        try
        {
            cluster = new LabCluster(plan, await RedisServer.StartAsync(plan.Redis, RedisSettings(plan.Redis)), leash);
            await Task.WhenAll([cluster.Balancer.StartAsync(), .. cluster._nodes.Select(node => node.StartAsync())]);
            await cluster.Balancer.WaitNodesAsync(plan.Nodes, cancellationToken);
            return cluster;
        }
        catch (TimeoutException exception) when (cluster is not null)
        {
            var said = cluster.LastWords();
            await cluster.DisposeAsync();
            throw new TimeoutException($"{exception.Message}\n{said}", exception);
        }
        catch
        {
            if (cluster is null)
            {
                leash.Dispose();
            }
            else
            {
                await cluster.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>One more node. Returns when it is ready.</summary>
    public async Task<ClusterNode> AddNodeAsync(CancellationToken cancellationToken)
    {
        var node = Describe(_nodes.Count);
        _nodes.Add(node);
        await node.StartAsync();
        await node.WaitReadyAsync(cancellationToken);
        return node;
    }

    /// <summary>Stops Redis (SIGTERM), and starts it again.</summary>
    /// <param name="keepData">False: with an empty directory.</param>
    public async Task RestartRedisAsync(TimeSpan away, bool keepData, CancellationToken cancellationToken)
    {
        _leash.Remove(Redis.ProcessId);
        await Redis.StopAsync();
        await Task.Delay(away, TimeProvider.System, cancellationToken);
        await Redis.RestartAsync(keepData);
        _leash.Add(Redis.ProcessId);
    }

    /// <summary>Kills Redis (SIGKILL), and starts it again with what it had written.</summary>
    public async Task KillAndStartRedisAsync(TimeSpan away = default)
    {
        _leash.Remove(Redis.ProcessId);
        await Redis.KillAsync();
        await Task.Delay(away, TimeProvider.System);
        await Redis.RestartAsync();
        _leash.Add(Redis.ProcessId);
    }

    /// <summary>
    /// A replica that stops hearing from its master, so that it lacks what is written from then on, and takes its place when the answer
    /// is called: Sentinel's failover with writes lost.
    /// </summary>
    public async Task<Func<Task>> PrepareFailoverAsync(CancellationToken cancellationToken)
    {
        var replica = await RedisServer.StartAsync(RedisServerKind.RedisServer, [.. RedisSettings(RedisServerKind.RedisServer), "--replicaof", "127.0.0.1", $"{Redis.Port}"]);
        _leash.Add(replica.ProcessId);
        _spare = replica;
        await Await.True(
            20, async () => (await RedisCommand.SendAsync(replica.Port, "INFO replication")).Contains("master_link_status:up", StringComparison.Ordinal), "the replica has its data", cancellationToken);
        await RedisCommand.SendAsync(replica.Port, "REPLICAOF NO ONE");
        return async () =>
        {
            var former = Redis;
            (Redis, _spare) = (replica, null);
            foreach (var link in _nodes.Select(node => node.Redis).Append(BalancerRedis))
            {
                link.Retarget(replica.Port);
            }

            _leash.Remove(former.ProcessId);
            await former.DisposeAsync();
        };
    }

    /// <summary>Switches off every fault, continues what is paused, starts what has ended, and waits until the balancer finds all healthy.</summary>
    public async Task HealAsync(CancellationToken cancellationToken)
    {
        Balancer.Clients.Set(Fault.Pass);
        foreach (var node in _nodes.Where(node => !node.IsRetired))
        {
            node.Redis.Set(Fault.Pass);
            node.Clients.Set(Fault.Pass);
            if (node.IsPaused)
            {
                node.Continue();
            }

            if (!node.IsRunning)
            {
                await node.StartAsync();
            }
        }

        await Balancer.WaitNodesAsync(_nodes.Count(node => !node.IsRetired), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await Balancer.DisposeAsync();
        await BalancerRedis.DisposeAsync();
        await Redis.DisposeAsync();
        if (_spare is { } spare)
        {
            await spare.DisposeAsync();
        }

        _leash.Dispose();
    }

    // Redis acks for up to two seconds what it has not written yet, unless it is told to write at once.
    private static string[] RedisSettings(RedisServerKind kind) => kind == RedisServerKind.RedisServer ? ["--appendfsync", "always"] : [];

    private ClusterNode Describe(int index)
    {
        string[] settings =
        [
            $"TokenKey={_key}",
            "DevelopmentLogin=true",
            $"Delivery={_plan.Strategy}",
            .. NoHurry,
            "LogMessagesMax=1000000",
            .. _plan.Without.Where(protection => protection != ClusterPlan.Jitter).Select((protection, position) => $"Without:{position}={protection}"),
            .. _plan.ClockSkews.TryGetValue(index, out var skew) ? [$"ClockSkew={skew:c}"] : Array.Empty<string>(),
            .. _plan.NodeSettings,
        ];
        return new ClusterNode($"n{index + 1}", Redis.Port, settings, _leash, _plan.NodeProgram ?? (_plan.IsExperiment ? "Chat.Experiments" : "Chat.Node"), _plan.Seed) { IsBehindProxy = _plan.ClientLinks };
    }

    /// <summary>What each program printed last, for the failure of a start.</summary>
    private string LastWords() => string.Join('\n', _nodes
        .Select(node => (node.Id, node.Output)).Append((Id: "balancer", Balancer.Output))
        .Select(program => $"{program.Id}: {string.Join(" | ", program.Output.Split('\n').TakeLast(4).Select(line => line.Trim()))}"));
}
