using System.Diagnostics;
using Aspire.Local.Guard;
using Aspire.Local.Hosting.Processes;
using Aspire.Local.Hosting.Running;

namespace Aspire.Local.Tests.Hosting;

/// <summary>The test AppHost as a program of its own. Everything it starts can be found by a mark, and is ended with it.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly PortReservations _ports = new();
    private readonly List<string> _lines = [];
    private readonly Process _process;

    public AppHostProcess(params string[] args)
    {
        var start = new ProcessStartInfo(Programs.Dotnet(), ["exec", typeof(Projects.Aspire_Local_TestAppHost).Assembly.Location, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        DashboardPort = _ports.Take();
        start.Environment["ASPNETCORE_URLS"] = $"http://localhost:{DashboardPort}";
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        start.Environment[RunMarker.Variable] = RunMarker.Mark(_run, "test");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, received) => Add(received.Data);
        _process.ErrorDataReceived += (_, received) => Add(received.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int DashboardPort { get; }

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The program and everything that came of it.</summary>
    public IReadOnlyList<ProcessEntry> Members => new RunProcesses(RunMarker.Mark(_run), TimeProvider.System).Find([], 0);

    public int Count(string commandLinePart) => Members.Count(member => IsRunning(member, commandLinePart));

    public static bool IsRunning(ProcessEntry member, string commandLinePart) =>
        CommandLineOf(member.Id).Contains(commandLinePart, StringComparison.Ordinal);

    public Task PrintsAsync(string text) =>
        Eventually.IsAsync(() => Output.Contains(text, StringComparison.Ordinal) || _process.HasExited, Limit, $"the AppHost prints '{text}'");

    public void Kill() => _process.Kill();

    public void Terminate() => Signals.TryTerminate(_process);

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await new RunProcesses(RunMarker.Mark(_run), TimeProvider.System).EndAsync([], 0, Limit);
        _process.Dispose();
        _ports.Dispose();
    }

    private static string CommandLineOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }

    private void Add(string? line)
    {
        lock (_lines)
        {
            _lines.Add(line ?? "");
        }
    }
}
