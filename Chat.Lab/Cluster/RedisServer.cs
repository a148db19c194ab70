using System.Net;
using System.Net.Sockets;
using Chat.Lab.Processes;

namespace Chat.Lab.Cluster;

/// <summary>
/// A real server in a process of its own, on a free port, with data in a temporary directory; both are gone when it
/// is disposed.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan ReadyMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);

    private readonly string[] _options;
    private ServerProcess _process;
    private string _lastAnswer = "none";

    private RedisServer(RedisServerKind kind, string[] options)
    {
        Kind = kind;
        Port = FreePorts.Next();
        HealthPort = FreePorts.Next();
        Directory = System.IO.Directory.CreateTempSubdirectory("chat-redis-").FullName;
        _options = options;
        _process = Launch();
    }

    public RedisServerKind Kind { get; }

    public int Port { get; }

    /// <summary>Where the embedded server answers /health/ready and /health/live.</summary>
    public int HealthPort { get; }

    public string Directory { get; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    public int ProcessId => _process.Id;

    /// <summary>The process now running, or the last one that ran.</summary>
    public ServerProcess Process => _process;

    /// <summary>Returns when it answers.</summary>
    /// <param name="options">More of the command line: "--Chat:Redis:MemoryMiBMax=64".</param>
    /// <exception cref="InvalidOperationException">It ended, or is not there at all.</exception>
    public static async Task<RedisServer> StartAsync(RedisServerKind kind, params string[] options)
    {
        if (kind == RedisServerKind.RedisServer && !ProgramPaths.IsOnPath("redis-server"))
        {
            throw new InvalidOperationException("redis-server is not on the PATH (Debian: apt-get install redis-server).");
        }

        var server = new RedisServer(kind, options);
        try
        {
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs an embedded server that is expected to refuse.</summary>
    /// <returns>The ended process.</returns>
    public static async Task<ServerProcess> RunEmbeddedAndFailAsync(params string[] options)
    {
        var process = ServerProcess.Start(
            ProgramPaths.DotNet, [ProgramPaths.Find("Chat.Redis"), .. options], ("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        await process.WaitForExitAsync();
        return process;
    }

    /// <summary>Asks it to end (SIGTERM) and waits; the data stays.</summary>
    public async Task StopAsync()
    {
        _process.Signal(UnixSignal.Continue);
        _process.Signal(UnixSignal.Terminate);
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it without a word (SIGKILL); the data stays.</summary>
    public async Task KillAsync()
    {
        _process.Signal(UnixSignal.Kill);
        await _process.WaitForExitAsync();
    }

    /// <summary>Freezes it (SIGSTOP): its sockets stay open and silent.</summary>
    public void Pause() => _process.Signal(UnixSignal.Stop);

    public void Continue() => _process.Signal(UnixSignal.Continue);

    /// <summary>Stops it if it runs, and starts it on the same port.</summary>
    public async Task RestartAsync(bool keepData = true)
    {
        await StopAsync();
        if (!keepData)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
            System.IO.Directory.CreateDirectory(Directory);
        }

        await _process.DisposeAsync();
        _process = Launch();
        await WaitUntilReadyAsync();
    }

    /// <summary>Starts the stopped server again, which is expected to refuse.</summary>
    /// <returns>The ended process.</returns>
    public async Task<ServerProcess> StartAndFailAsync(params string[] options)
    {
        await _process.DisposeAsync();
        _process = Launch(options);
        await _process.WaitForExitAsync();
        return _process;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private ServerProcess Launch(params string[] more) => Kind switch
    {
        RedisServerKind.Embedded => ServerProcess.Start(
            ProgramPaths.DotNet,
            [ProgramPaths.Find("Chat.Redis"), $"--Chat:Redis:Port={Port}", $"--Chat:Redis:DataDirectory={Directory}", .. _options, .. more],
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{HealthPort}")),
        _ => ServerProcess.Start(
            "redis-server",
            ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Directory, "--appendonly", "yes", "--save", "", .. _options, .. more]),
    };

    private async Task WaitUntilReadyAsync()
    {
        using var deadline = new CancellationTokenSource(ReadyMax, TimeProvider.System);
        while (!await IsReadyAsync(deadline.Token))
        {
            if (_process.HasExited || deadline.IsCancellationRequested)
            {
                var what = _process.HasExited ? "ended instead of getting ready" : $"is not ready after {ReadyMax.TotalSeconds} s, its last answer was {_lastAnswer}";
                throw new InvalidOperationException($"The Redis server {what}:\n{_process.Output}");
            }

            await Task.Delay(PollPeriod, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Kind == RedisServerKind.Embedded)
            {
                using var http = new HttpClient();
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{HealthPort}/health/ready"), cancellationToken);
                _lastAnswer = $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}";
                return answer.StatusCode == HttpStatusCode.OK;
            }

            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            using var reader = new StreamReader(client.GetStream());
            _lastAnswer = await reader.ReadLineAsync(cancellationToken) ?? "the end";
            return _lastAnswer == "+PONG";
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or OperationCanceledException)
        {
            _lastAnswer = exception.Message;
            return false;
        }
    }
}
