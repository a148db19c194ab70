using Aspire.Local.Guard;
using Aspire.Local.Hosting.Running;

namespace Aspire.Local.Hosting.Processes;

/// <summary>Ends what a process has started and not taken with it.</summary>
internal sealed partial class Leftovers(RunContext run, GuardProcess guard, TimeProvider time, ILogger<Leftovers> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>After an instance's own process has ended.</summary>
    public Task EndOfInstanceAsync(string instanceId) => EndAsync(RunMarker.Mark(run.Id, instanceId), []);

    /// <summary>After everything has been stopped.</summary>
    public Task EndOfRunAsync() => EndAsync(RunMarker.Mark(run.Id), guard.Roots);

    private async Task EndAsync(string mark, IReadOnlyCollection<ProcessEntry> roots)
    {
        if (!OperatingSystem.IsLinux())
        {
            foreach (var root in roots)
            {
                RunProcesses.KillTree(root.Id);
            }

            return;
        }

        var left = await new RunProcesses(mark, time).EndAsync(roots, Environment.ProcessId, Limit);
        foreach (var entry in left)
        {
            LogLeft(entry.Id);
        }
    }

    [LoggerMessage(LogLevel.Error, "Process {ProcessId} does not end")]
    private partial void LogLeft(int processId);
}
