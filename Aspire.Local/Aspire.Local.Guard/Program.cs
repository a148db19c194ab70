using System.Globalization;
using System.Runtime.InteropServices;
using Aspire.Local.Guard;

// Ends what an AppHost leaves behind when it dies without stopping its processes, by SIGKILL for one.
// The AppHost holds the other end of this program's input and writes a line "id start-time" for every process it starts.
// Signals sent to the whole group, as Ctrl-C is, are not for the guard: it goes when its input ends.
using var interrupt = Ignore(PosixSignal.SIGINT);
using var terminate = Ignore(PosixSignal.SIGTERM);
using var hangUp = Ignore(PosixSignal.SIGHUP);
using var quit = Ignore(PosixSignal.SIGQUIT);

if (args is not [var run])
{
    Console.Error.WriteLine("usage: Aspire.Local.Guard <run id>; it is started by an AppHost.");
    return 2;
}

var roots = new List<ProcessEntry>();
while (await Console.In.ReadLineAsync() is { } line)
{
    var parts = line.Split(' ');
    if (parts.Length == 2
        && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt))
    {
        roots.RemoveAll(root => ProcessTable.Find(root.Id)?.StartedAt != root.StartedAt && OperatingSystem.IsLinux());
        roots.Add(new ProcessEntry(id, 0, '?', startedAt));
    }
}

if (!OperatingSystem.IsLinux())
{
    roots.ForEach(root => RunProcesses.KillTree(root.Id));
    return 0;
}

var left = await new RunProcesses(RunMarker.Mark(run), TimeProvider.System).EndAsync(roots, Environment.ProcessId, TimeSpan.FromSeconds(10));
return left.Count == 0 ? 0 : 1;

static PosixSignalRegistration Ignore(PosixSignal signal) => PosixSignalRegistration.Create(signal, context => context.Cancel = true);
