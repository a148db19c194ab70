using System.Reflection;
using Chat.Benchmarks.Load;

namespace Chat.Benchmarks.Servers;

/// <summary>Servers under the same load: the nodes, the Redis they share, and how one speaks with them.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private readonly List<ServerProcess> _nodes = [];
    private readonly string? _redisDirectory;
    private ServerProcess? _redis;

    private Contender(string name, IDialect dialect, bool needsRedis)
    {
        (Name, Dialect) = (name, dialect);
        _redisDirectory = needsRedis ? Directory.CreateTempSubdirectory("chat-benchmark-").FullName : null;
    }

    public string Name { get; }

    public IDialect Dialect { get; }

    public List<int> Ports { get; } = [];

    public IEnumerable<int> NodeProcesses => _nodes.Select(node => node.Id);

    public IEnumerable<int> RedisProcesses => _redis is null ? [] : [_redis.Id];

    public static Task<Contender> StartChatAsync(Variant variant, int nodes, bool embedded)
    {
        var dialect = new ChatDialect();
        return new Contender(variant.Name, dialect, needsRedis: true).StartAsync(nodes, embedded, (port, redis, index) => (
            [
                variant.Dll ?? PathOf("Chat.Node"),
                $"--urls=http://127.0.0.1:{port}",
                $"--ConnectionStrings:redis=127.0.0.1:{redis}",
                $"--Chat:NodeId=n{index}",
                $"--Chat:TokenKey={dialect.TokenKey}",
                "--Logging:LogLevel:Default=Warning",
                .. variant.Arguments,
            ],
            variant.Environment,
            "/health/ready"));
    }

    public static Task<Contender> StartSignalRAsync(int nodes, bool embedded) =>
        new Contender("signalr", new SignalRDialect(), needsRedis: true).StartAsync(nodes, embedded, (port, redis, _) => (
            [Assembly.GetExecutingAssembly().Location, SignalRServer.Switch, $"--urls=http://127.0.0.1:{port}", $"--redis=127.0.0.1:{redis}"],

            // What a web project has by default; this program is none.
            [("DOTNET_gcServer", "1"), ("DOTNET_gcConcurrent", "1")],
            SignalRServer.ReadyPath));

    /// <summary>One process, no Redis: what the system calls alone cost.</summary>
    public static Task<Contender> StartFloorAsync() =>
        new Contender("floor", new FloorDialect(), needsRedis: false).StartAsync(1, embedded: false, (port, _, _) => (
            [Assembly.GetExecutingAssembly().Location, FloorServer.Switch, $"{port}"], [], null));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
            Directory.Delete(_redisDirectory!, recursive: true);
        }
    }

    private async Task<Contender> StartAsync(
        int nodes,
        bool embedded,
        Func<int, int, int, (string[] Arguments, (string, string)[] Environment, string? ReadyPath)> describe)
    {
        var redis = ServerProcess.FreePort();
        if (_redisDirectory is not null)
        {
            _redis = StartRedis(redis, embedded);
            await _redis.WaitReadyAsync(cancellation => ServerProcess.ListensAsync(redis, cancellation));
        }

        for (var index = 0; index < nodes; index++)
        {
            var port = ServerProcess.FreePort();
            var (arguments, environment, path) = describe(port, redis, index);
            var node = ServerProcess.Start(ServerProcess.DotNet, arguments, environment);
            _nodes.Add(node);
            Ports.Add(port);
            await node.WaitReadyAsync(cancellation => path is null
                ? ServerProcess.ListensAsync(port, cancellation)
                : ServerProcess.AnswersHttpAsync(port, path, cancellation));
        }

        return this;
    }

    private ServerProcess StartRedis(int port, bool embedded) => embedded
        ? ServerProcess.Start(
            ServerProcess.DotNet,
            [PathOf("Chat.Redis"), $"--Chat:Redis:Port={port}", $"--Chat:Redis:DataDirectory={_redisDirectory}", $"--urls=http://127.0.0.1:{ServerProcess.FreePort()}"],
            [])
        : ServerProcess.Start(
            "redis-server",
            ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _redisDirectory!, "--appendonly", "yes", "--save", ""],
            []);

    private static string PathOf(string program) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(attribute => attribute.Key == $"Program:{program}").Value!;
}
