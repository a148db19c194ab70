using System.Diagnostics;
using System.Globalization;
using Aspire.Local.Guard;
using Aspire.Local.Hosting.Running;

namespace Aspire.Local.Hosting.Processes;

/// <summary>The program that ends the run's processes if this one dies. It is started again if it dies itself.</summary>
internal sealed partial class GuardProcess(RunContext run, TimeProvider time, ILogger<GuardProcess> logger) : IAsyncDisposable
{
    private static readonly TimeSpan LastScanLimit = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, ProcessEntry> _roots = [];
    private readonly CancellationTokenSource _stopped = new();
    private Process? _process;
    private Task _watching = Task.CompletedTask;

    public IReadOnlyCollection<ProcessEntry> Roots
    {
        get
        {
            lock (_gate)
            {
                return [.. _roots.Values];
            }
        }
    }

    /// <summary>Called before anything else is started.</summary>
    public void Start()
    {
        if (run.AppHost.GuardPath is not { } path || !File.Exists(path))
        {
            LogMissing(run.AppHost.GuardPath ?? "(not built)");
            return;
        }

        _process = Launch(path);
        _watching = WatchAsync(path);
    }

    public void Register(int processId)
    {
        var entry = (OperatingSystem.IsLinux() ? ProcessTable.Find(processId) : null) ?? new ProcessEntry(processId, 0, '?', 0);
        lock (_gate)
        {
            _roots[processId] = entry;
            Tell(entry);
        }
    }

    /// <summary>The process has ended, so its id may soon be another one's.</summary>
    public void Forget(int processId)
    {
        lock (_gate)
        {
            _roots.Remove(processId);
        }
    }

    /// <summary>Lets the guard go; it looks for leftovers once more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped.IsCancellationRequested)
        {
            return;
        }

        await _stopped.CancelAsync();
        await _watching;
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(LastScanLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            process.Dispose();
        }
    }

    private Process Launch(string path)
    {
        var start = Programs.InOwnSession(Programs.Dotnet(), ["exec", path, run.Id]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    private async Task WatchAsync(string path)
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await _process!.WaitForExitAsync(_stopped.Token);
                LogRestart(_process.ExitCode);
                await Task.Delay(RestartDelay, time, _stopped.Token);
                Replace(Launch(path));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                LogFailed(error.Message);
                return;
            }
        }
    }

    private void Replace(Process process)
    {
        lock (_gate)
        {
            _process?.Dispose();
            _process = process;
            foreach (var entry in _roots.Values)
            {
                Tell(entry);
            }
        }
    }

    private void Tell(ProcessEntry entry)
    {
        try
        {
            _process?.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.Id} {entry.StartedAt}"));
            _process?.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has died; the next one is told everything.
        }
    }

    [LoggerMessage(LogLevel.Warning, "There is no guard at {Path}: if this process is killed, what it started lives on")]
    private partial void LogMissing(string path);

    [LoggerMessage(LogLevel.Warning, "The guard ended with exit code {ExitCode}; starting another")]
    private partial void LogRestart(int exitCode);

    [LoggerMessage(LogLevel.Error, "The guard cannot be started: {Reason}")]
    private partial void LogFailed(string reason);
}
