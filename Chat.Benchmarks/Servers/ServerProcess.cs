using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Chat.Benchmarks.Servers;

/// <summary>A server beside the load generator; ended for certain when disposed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int LinesMax = 100;
    private const int Terminate = 15;
    private static readonly TimeSpan ReadyMax = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The <c>dotnet</c> that runs this program, or the one on the path.</summary>
    public static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public static ServerProcess Start(
        string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        var process = new Process { StartInfo = info };
        var server = new ServerProcess(process);
        process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Polls until it says that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It has ended, or takes too long.</exception>
    public async Task WaitReadyAsync(Func<CancellationToken, Task<bool>> isReady)
    {
        using var deadline = new CancellationTokenSource(ReadyMax, TimeProvider.System);
        while (true)
        {
            try
            {
                if (await isReady(deadline.Token))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or OperationCanceledException)
            {
                // Not yet.
            }

            if (_process.HasExited || deadline.IsCancellationRequested)
            {
                throw new InvalidOperationException($"{_process.StartInfo.FileName} does not get ready:\n{string.Join('\n', _lines)}");
            }

            await Task.Delay(PollPeriod, TimeProvider.System, CancellationToken.None);
        }
    }

    public static async Task<bool> AnswersHttpAsync(int port, string path, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"), cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    public static async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return true;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>SIGKILL: it ends in the middle of what it does.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: it leaves as well as it can, and has ended when this returns.</summary>
    public Task TerminateAsync()
    {
        _ = Signal(_process.Id, Terminate);
        return _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            while (_lines.Count > LinesMax)
            {
                _lines.TryDequeue(out _);
            }
        }
    }
}
