using System.Reflection;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.Servers;

/// <summary>Servers under the same load: the nodes, the Redis they share, and how one speaks with them.</summary>
internal sealed class Contender : IAsyncDisposable
{
    private readonly List<ServerProcess> _nodes = [];
    private readonly string? _directory;
    private ServerProcess? _redis;

    /// <param name="needsDirectory">Where what the servers keep goes; deleted with them.</param>
    public Contender(string name, IDialect dialect, bool needsDirectory)
    {
        (Name, Dialect) = (name, dialect);
        _directory = needsDirectory ? System.IO.Directory.CreateTempSubdirectory("chat-benchmark-").FullName : null;
    }

    public string Name { get; }

    public IDialect Dialect { get; }

    public List<int> Ports { get; } = [];

    public string Directory => _directory!;

    /// <summary>With their children.</summary>
    public IEnumerable<int> NodeProcesses => _nodes.SelectMany(node => ProcessUsage.Family(node.Id));

    public IEnumerable<int> RedisProcesses => _redis is null ? [] : [_redis.Id];

    public static Task<Contender> StartChatAsync(Variant variant, int nodes, bool embedded)
    {
        var dialect = new ChatDialect();
        return new Contender(variant.Name, dialect, needsDirectory: true).StartAsync(nodes, embedded, (port, redis, index) =>
        {
            var (arguments, environment) = Programs.Node(variant, $"n{index}", port, redis, dialect.TokenKey);
            return (arguments, environment, "/health/ready");
        });
    }

    public static Task<Contender> StartSignalRAsync(int nodes, bool embedded) =>
        new Contender("signalr", new SignalRDialect(), needsDirectory: true).StartAsync(nodes, embedded, (port, redis, _) => (
            [Assembly.GetExecutingAssembly().Location, SignalRServer.Switch, $"--urls=http://127.0.0.1:{port}", $"--redis=127.0.0.1:{redis}"],

            // What a web project has by default; this program is none.
            [("DOTNET_gcServer", "1"), ("DOTNET_gcConcurrent", "1")],
            SignalRServer.ReadyPath));

    public static async Task<Contender> StartNchanAsync(int nodes, bool embedded)
    {
        if (!NchanServer.IsInstalled)
        {
            throw new InvalidOperationException("Nchan is not installed: Debian's package is libnginx-mod-nchan.");
        }

        var contender = new Contender("nchan", new NchanDialect(), needsDirectory: true);
        var redis = await contender.StartRedisAsync(embedded);
        for (var index = 0; index < nodes; index++)
        {
            var port = ServerProcess.FreePort();
            var directory = System.IO.Directory.CreateDirectory(Path.Combine(contender.Directory, $"nchan-{index}")).FullName;
            await contender.AddAsync(ServerProcess.Start("nginx", NchanServer.Arguments(directory, port, redis), []), port, NchanServer.ReadyPath);
        }

        return contender;
    }

    /// <summary>One process, no Redis: what the system calls alone cost.</summary>
    public static Task<Contender> StartFloorAsync() =>
        new Contender("floor", new FloorDialect(), needsDirectory: false).StartAsync(1, embedded: false, (port, _, _) => (
            [Assembly.GetExecutingAssembly().Location, FloorServer.Switch, $"{port}"], [], null));

    /// <returns>Its port.</returns>
    public async Task<int> StartRedisAsync(bool embedded)
    {
        var port = ServerProcess.FreePort();
        _redis = Programs.StartRedis(port, embedded, Directory);
        await _redis.WaitReadyAsync(cancellation => ServerProcess.ListensAsync(port, cancellation));
        return port;
    }

    /// <summary>One more server, once it answers.</summary>
    /// <param name="path">Answers 200 when it is ready; null when listening is enough.</param>
    public async Task AddAsync(ServerProcess server, int port, string? path)
    {
        _nodes.Add(server);
        Ports.Add(port);
        await server.WaitReadyAsync(cancellation => path is null
            ? ServerProcess.ListensAsync(port, cancellation)
            : ServerProcess.AnswersHttpAsync(port, path, cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        if (_directory is not null)
        {
            System.IO.Directory.Delete(_directory, recursive: true);
        }
    }

    private async Task<Contender> StartAsync(
        int nodes,
        bool embedded,
        Func<int, int, int, (string[] Arguments, (string, string)[] Environment, string? ReadyPath)> describe)
    {
        var redis = _directory is null ? 0 : await StartRedisAsync(embedded);
        for (var index = 0; index < nodes; index++)
        {
            var port = ServerProcess.FreePort();
            var (arguments, environment, path) = describe(port, redis, index);
            await AddAsync(ServerProcess.Start(ServerProcess.DotNet, arguments, environment), port, path);
        }

        return this;
    }
}
