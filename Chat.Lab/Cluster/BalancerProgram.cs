using System.Text.Json;
using Chat.Lab.Faults;
using Chat.Lab.Processes;

namespace Chat.Lab.Cluster;

/// <summary>The balancer in a process of its own, with a fault proxy before it. Always the same ports.</summary>
internal sealed class BalancerProgram : IAsyncDisposable
{
    private const double ReadySeconds = 60;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string[] _arguments;
    private readonly ProcessLeash _leash;
    private readonly int _port = FreePorts.Next();
    private ServerProcess? _process;

    public BalancerProgram(int redisPort, ClusterPlan plan, ProcessLeash leash)
    {
        _leash = leash;
        Clients = FaultProxy.Start(_port);
        Url = new Uri($"http://127.0.0.1:{(plan.ClientLinks ? Clients.Port : _port)}");
        _arguments =
        [
            ProgramPaths.Find("Chat.Balancer"),
            $"--Chat:Balancer:Urls=http://127.0.0.1:{_port}",
            $"--ConnectionStrings:redis=127.0.0.1:{redisPort}",
            "--Logging:LogLevel:Default=Warning",
            "--Logging:LogLevel:StackExchange.Redis=None",
            $"--Chat:Balancer:Seed={Seeds.Mix(plan.Seed, "balancer")}",
            .. plan.BalancerSettings.Select(setting => $"--Chat:Balancer:{setting}"),
        ];
    }

    /// <summary>Between all clients and the balancer.</summary>
    public FaultProxy Clients { get; }

    /// <summary>Where clients connect.</summary>
    public Uri Url { get; }

    public int ProcessId => _process?.Id ?? 0;

    /// <summary>The last lines it printed.</summary>
    public string Output => _process?.Output ?? "";

    public async Task StartAsync()
    {
        await EndAsync();
        _process = ServerProcess.Start(ProgramPaths.DotNet, _arguments, ("ASPNETCORE_ENVIRONMENT", "Production"));
        _leash.Add(_process.Id);
    }

    /// <summary>Waits until it knows so many healthy nodes.</summary>
    public Task WaitNodesAsync(int nodes, CancellationToken cancellationToken) => Await.True(
        ReadySeconds,
        async () => (await ReadDestinationsAsync(cancellationToken)).Count(destination => destination.Healthy) >= nodes,
        $"the balancer knows {nodes} healthy nodes",
        cancellationToken);

    /// <summary>The nodes as the balancer sees them; none when it does not answer.</summary>
    public async Task<IReadOnlyList<SeenDestination>> ReadDestinationsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var status = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/balancer/status"), cancellationToken));
            return
            [
                .. status.RootElement.GetProperty("destinations").EnumerateArray().Select(destination => new SeenDestination(
                    destination.GetProperty("id").GetString()!,
                    destination.GetProperty("healthy").GetBoolean(),
                    destination.GetProperty("connections").GetInt32())),
            ];
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync()
    {
        _process!.Signal(UnixSignal.Terminate);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Signal(UnixSignal.Kill);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Clients.DisposeAsync();
        _http.Dispose();
    }

    private async Task EndAsync()
    {
        if (_process is { } ended)
        {
            _process = null;
            var id = ended.Id;
            await ended.DisposeAsync();
            _leash.Remove(id);
        }
    }
}

internal sealed record SeenDestination(string Id, bool Healthy, int Connections);
