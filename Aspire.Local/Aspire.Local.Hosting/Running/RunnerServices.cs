using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Guard;
using Aspire.Local.Hosting.Launching;
using Aspire.Local.Hosting.Output;
using Aspire.Local.Hosting.Processes;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Hosting.Running;

/// <summary>What every runner of the run shares.</summary>
internal sealed class RunnerServices(
    RunContext run,
    GuardProcess guard,
    Leftovers leftovers,
    ResourceNotificationService notifications,
    IOptions<SupervisorOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time)
{
    public LaunchPlanner Planner { get; } = new(run);

    public Leftovers Leftovers => leftovers;

    public ResourceNotificationService Notifications => notifications;

    public SupervisorOptions Options => options.Value;

    public TimeProvider Time => time;

    /// <summary>True from the first sign of the end: Ctrl-C reaches the processes as soon as it reaches this one.</summary>
    public bool IsStopping => lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Starts a process that carries the run's mark and is known to the guard.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system cannot start it.</exception>
    public ChildProcess Start(ProcessSpec spec, string instanceId, ConsoleLog log)
    {
        var variables = new List<VariableValue>(LaunchPlanner.Inherited());
        variables.AddRange(spec.Variables);
        var marker = RunMarker.Value(Environment.GetEnvironmentVariable(RunMarker.Variable), run.Id, instanceId);
        var process = ChildProcess.Start(spec with { Variables = variables }, marker, log, time);
        guard.Register(process.Id);
        return process;
    }

    public void Forget(int processId) => guard.Forget(processId);

    public ConsoleLog NewLog() => new(Options.OutputLinesMax, Options.OutputCharsMax, time);
}
