using System.Diagnostics;

namespace Aspire.Local.Guard;

/// <summary>Finds and ends what a run has started, grandchildren included.</summary>
/// <remarks>
/// A process belongs to the run when it carries the mark, when it is a registered root, or when its parent belongs.
/// The mark finds what has left its parent and its session; registration finds programs that overwrite their environment, as redis-server does.
/// </remarks>
/// <param name="mark">Text to look for in <see cref="RunMarker.Variable"/>.</param>
internal sealed class RunProcesses(string mark, TimeProvider time)
{
    /// <summary>Twice none: a child between fork and exec does not carry the mark yet.</summary>
    private const int EmptyScansWanted = 2;

    private static readonly TimeSpan ScanPeriod = TimeSpan.FromMilliseconds(50);

    /// <param name="roots">Registered processes: those that still are who they were.</param>
    /// <param name="spared">Never part of the answer.</param>
    public List<ProcessEntry> Find(IReadOnlyCollection<ProcessEntry> roots, int spared)
    {
        var table = ProcessTable.Read();
        var members = new HashSet<int>();
        foreach (var entry in table)
        {
            var registered = roots.Any(root => root.Id == entry.Id && root.StartedAt == entry.StartedAt);
            if (registered || ProcessTable.HasMark(entry.Id, RunMarker.Variable, mark))
            {
                members.Add(entry.Id);
            }
        }

        while (table.FindAll(entry => members.Contains(entry.ParentId) && !members.Contains(entry.Id)) is { Count: > 0 } children)
        {
            members.UnionWith(children.Select(child => child.Id));
        }

        return table.FindAll(entry => members.Contains(entry.Id) && entry.Id != spared && entry.Id != Environment.ProcessId && !entry.HasEnded);
    }

    /// <summary>Kills until none is left.</summary>
    /// <returns>What was still there at the limit; empty is success.</returns>
    public async Task<List<ProcessEntry>> EndAsync(IReadOnlyCollection<ProcessEntry> roots, int spared, TimeSpan limit)
    {
        var started = time.GetTimestamp();
        var empty = 0;
        while (true)
        {
            var found = Find(roots, spared);
            empty = found.Count == 0 ? empty + 1 : 0;
            if (empty == EmptyScansWanted || time.GetElapsedTime(started) > limit)
            {
                return found;
            }

            foreach (var entry in found)
            {
                Kill(entry.Id);
            }

            await Task.Delay(ScanPeriod, time, CancellationToken.None);
        }
    }

    /// <summary>The whole tree, for systems without /proc.</summary>
    public static void KillTree(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
