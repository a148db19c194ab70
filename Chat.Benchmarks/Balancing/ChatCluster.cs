using System.Collections.Immutable;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Balancing;

/// <summary>The whole server side on loopback: Redis, nodes, and the balancer in front. Safe to call from any thread, one call at a time.</summary>
internal sealed class ChatCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chat-benchmark-").FullName;
    private readonly int _redisPort = ServerProcess.FreePort();
    private readonly SortedDictionary<string, (int Port, ServerProcess Process)> _nodes = new(StringComparer.Ordinal);
    private ImmutableSortedSet<string> _ready = [];
    private ServerProcess? _redis;
    private ServerProcess? _balancer;

    public ChatDialect Dialect { get; } = new();

    public int Port { get; } = ServerProcess.FreePort();

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public IEnumerable<string> Nodes => _nodes.Keys.ToArray();

    /// <summary>Nodes that answered when they were asked, and were neither told to leave nor killed since. From any thread at any time.</summary>
    public IReadOnlyCollection<string> Ready => _ready;

    /// <param name="settings">Of the balancer: <c>Policy=hash</c>.</param>
    public static async Task<ChatCluster> StartAsync(int nodes, bool embedded, params IEnumerable<string> settings)
    {
        var cluster = new ChatCluster();
        try
        {
            cluster._redis = Programs.StartRedis(cluster._redisPort, embedded, cluster._directory);
            await cluster._redis.WaitReadyAsync(cancellation => ServerProcess.ListensAsync(cluster._redisPort, cancellation));
            await Task.WhenAll(Enumerable.Range(0, nodes).Select(_ => cluster.AddAsync()).ToArray());
            cluster._balancer = Programs.StartBalancer(Variant.Default, cluster.Port, cluster._redisPort, settings);
            await cluster._balancer.WaitReadyAsync(cancellation => ServerProcess.AnswersHttpAsync(cluster.Port, "/balancer/health/ready", cancellation));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One node more.</summary>
    /// <returns>Once it is ready.</returns>
    public Task AddAsync() => StartAsync($"n{_nodes.Count}", ServerProcess.FreePort());

    /// <summary>Lets a node leave well and starts it again.</summary>
    /// <returns>Once it is ready.</returns>
    public async Task RestartAsync(string node)
    {
        Change(ready => ready.Remove(node));
        await _nodes[node].Process.TerminateAsync();
        await StartAgainAsync(node);
    }

    public Task KillAsync(string node)
    {
        Change(ready => ready.Remove(node));
        return _nodes[node].Process.KillAsync();
    }

    /// <returns>Once it is ready.</returns>
    public async Task StartAgainAsync(string node)
    {
        var (port, ended) = _nodes[node];
        await ended.DisposeAsync();
        await StartAsync(node, port);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _nodes.Values.Select(node => node.Process).Append(_balancer).Append(_redis).OfType<ServerProcess>())
        {
            await process.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartAsync(string name, int port)
    {
        var (arguments, environment) = Programs.Node(Variant.Default, name, port, _redisPort, Dialect.TokenKey);
        var process = ServerProcess.Start(ServerProcess.DotNet, arguments, environment);
        _nodes[name] = (port, process);
        await process.WaitReadyAsync(cancellation => ServerProcess.AnswersHttpAsync(port, "/health/ready", cancellation));
        Change(ready => ready.Add(name));
    }

    private void Change(Func<ImmutableSortedSet<string>, ImmutableSortedSet<string>> change) => ImmutableInterlocked.Update(ref _ready, change);
}
