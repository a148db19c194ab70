using System.Diagnostics;
using Aspire.Local.Hosting.Output;

namespace Aspire.Local.Hosting.Processes;

/// <summary>A running process; its output goes to a log until it ends.</summary>
internal sealed class ChildProcess : IDisposable
{
    /// <summary>A grandchild may keep the pipes open after the process has ended.</summary>
    private static readonly TimeSpan LastOutputLimit = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Task _output;

    private ChildProcess(Process process, ConsoleLog log, TimeProvider time)
    {
        _process = process;
        _time = time;
        Id = process.Id;
        _output = Task.WhenAll(
            LineReader.CopyAsync(process.StandardOutput, line => log.Add(line, isError: false)),
            LineReader.CopyAsync(process.StandardError, line => log.Add(line, isError: true)));
        Exited = WatchAsync();
    }

    public int Id { get; }

    /// <summary>Completes with the exit code when the process has ended and its last output is in the log.</summary>
    public Task<int> Exited { get; }

    /// <exception cref="System.ComponentModel.Win32Exception">The system cannot start it.</exception>
    public static ChildProcess Start(ProcessSpec spec, string marker, ConsoleLog log, TimeProvider time)
    {
        var start = Programs.InOwnSession(spec.FileName, spec.Arguments);
        start.WorkingDirectory = spec.WorkingDirectory;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;

        // Held open and never written to: tools that end when their input does then end with this process.
        start.RedirectStandardInput = true;
        start.Environment.Clear();
        foreach (var variable in spec.Variables)
        {
            start.Environment[variable.Name] = variable.Value;
        }

        start.Environment[Guard.RunMarker.Variable] = marker;
        return new ChildProcess(Process.Start(start)!, log, time);
    }

    /// <summary>Asks it to end, and kills it at the limit.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (Exited.IsCompleted)
        {
            return;
        }

        if (!Signals.TryTerminate(_process))
        {
            RunKill();
        }

        try
        {
            await Exited.WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            RunKill();
            await Exited;
        }
    }

    public void Dispose() => _process.Dispose();

    private void RunKill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has ended by itself.
        }
    }

    private async Task<int> WatchAsync()
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        try
        {
            await _output.WaitAsync(LastOutputLimit, _time);
        }
        catch (TimeoutException)
        {
            // What a grandchild still writes is read on, but nobody waits for it.
        }

        return code;
    }
}
