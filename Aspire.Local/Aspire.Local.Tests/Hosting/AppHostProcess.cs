using System.Diagnostics;
using System.Reflection;
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
        : this(["exec", typeof(Projects.Aspire_Local_TestAppHost).Assembly.Location], args)
    {
    }

    private AppHostProcess(string[] launch, string[] args)
    {
        var start = Programs.InOwnSession(Programs.Dotnet(), [.. launch, .. args]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
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

    /// <summary>As a person starts it. Then this is <c>dotnet run</c>, and the AppHost its child.</summary>
    public static AppHostProcess RunByDotnet(params string[] args)
    {
        var configuration = typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        return new(["run", "--no-build", "--no-launch-profile", "-c", configuration, "--project", Projects.Aspire_Local_TestAppHost.ProjectPath, "--"], args);
    }

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
        string.Join(' ', ProcessTable.CommandLine(member.Id)).Contains(commandLinePart, StringComparison.Ordinal);

    public Task PrintsAsync(string text) =>
        Eventually.IsAsync(() => Output.Contains(text, StringComparison.Ordinal) || _process.HasExited, Limit, $"the AppHost prints '{text}'");

    public void Kill() => _process.Kill();

    /// <summary>As a terminal does on Ctrl-C, or a job runner at its time limit: it leads a group of its own.</summary>
    /// <param name="signal">INT, HUP, KILL.</param>
    public void SignalGroup(string signal)
    {
        using var kill = Process.Start("sh", ["-c", $"kill -{signal} -{_process.Id}"]);
        kill.WaitForExit();
    }

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

    private void Add(string? line)
    {
        lock (_lines)
        {
            _lines.Add(line ?? "");
        }
    }
}
