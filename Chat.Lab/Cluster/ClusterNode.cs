using System.Net;
using Chat.Lab.Faults;
using Chat.Lab.Processes;

namespace Chat.Lab.Cluster;

/// <summary>A node in a process of its own, with a fault proxy on either side. Always the same ports.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private const double ReadySeconds = 60;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly string[] _arguments;
    private readonly ProcessLeash _leash;
    private readonly int _port = FreePorts.Next();
    private ServerProcess? _process;

    public ClusterNode(string id, int redisPort, IEnumerable<string> settings, ProcessLeash leash, string program = "Chat.Node", int seed = 0)
    {
        (Id, _leash) = (id, leash);
        Redis = FaultProxy.Start(redisPort, Seeds.Mix(seed, $"{id} to Redis"));
        Clients = FaultProxy.Start(_port, Seeds.Mix(seed, $"clients to {id}"));
        _arguments =
        [
            ProgramPaths.Find(program),
            $"--urls=http://127.0.0.1:{_port}",
            $"--ConnectionStrings:redis=127.0.0.1:{Redis.Port}",
            $"--Chat:NodeId={id}",
            "--Logging:LogLevel:Microsoft=Warning",
            "--Logging:LogLevel:StackExchange.Redis=None",
            .. settings.Select(setting => setting.StartsWith("--", StringComparison.Ordinal) ? setting : $"--Chat:{setting}"),
        ];
    }

    public string Id { get; }

    /// <summary>It tells the others the address of the proxy before it: the balancer goes through it.</summary>
    public bool IsBehindProxy { get; init; }

    /// <summary>It has left for good: nobody starts it again.</summary>
    public bool IsRetired { get; set; }

    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Between this node and Redis.</summary>
    public FaultProxy Redis { get; }

    /// <summary>Between its clients and this node.</summary>
    public FaultProxy Clients { get; }

    /// <summary>Through the proxy.</summary>
    public Uri Url => new($"http://127.0.0.1:{Clients.Port}");

    /// <summary>Past the proxy.</summary>
    public Uri DirectUrl => new($"http://127.0.0.1:{_port}");

    public bool IsRunning => _process is { HasExited: false };

    public bool IsPaused { get; private set; }

    /// <summary>The last lines it printed.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Resident memory in bytes.</summary>
    public long MemoryBytes
    {
        get
        {
            using var process = System.Diagnostics.Process.GetProcessById(_process!.Id);
            return process.WorkingSet64;
        }
    }

    /// <summary>Starts it, or starts it again after its end.</summary>
    public async Task StartAsync()
    {
        await EndAsync();
        string[] address = IsBehindProxy ? [$"--Chat:AdvertisedUrl={Url}"] : [];
        _process = ServerProcess.Start(ProgramPaths.DotNet, [.. _arguments, .. address], ("ASPNETCORE_ENVIRONMENT", "Production"));
        _leash.Add(_process.Id);
    }

    public Task WaitReadyAsync(CancellationToken cancellationToken) =>
        Await.True(ReadySeconds, IsReadyAsync, $"node {Id} is ready", cancellationToken);

    /// <summary>What the node says of itself, asked past the proxy.</summary>
    public async Task<bool> IsReadyAsync()
    {
        if (!IsRunning)
        {
            throw new InvalidOperationException($"Node {Id} has ended:\n{Output}");
        }

        try
        {
            using var answer = await _http.GetAsync(new Uri(DirectUrl, "/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Signal(UnixSignal.Kill);
        await _process.WaitForExitAsync();
        IsPaused = false;
    }

    /// <summary>SIGSTOP: its sockets stay open and silent.</summary>
    public void Pause()
    {
        IsPaused = true;
        _process!.Signal(UnixSignal.Stop);
    }

    public void Continue()
    {
        _process!.Signal(UnixSignal.Continue);
        IsPaused = false;
    }

    /// <summary>SIGTERM: it leaves well, and has ended when this returns.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> DrainAsync()
    {
        _process!.Signal(UnixSignal.Terminate);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Redis.DisposeAsync();
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
