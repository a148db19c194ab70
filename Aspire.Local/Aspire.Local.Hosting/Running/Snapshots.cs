using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Processes;

namespace Aspire.Local.Hosting.Running;

/// <summary>Makes and changes what is shown of an instance.</summary>
internal static class Snapshots
{
    public static CustomResourceSnapshot Initial(ResourceInstance instance, DateTimeOffset now) => new CustomResourceSnapshot
    {
        ResourceType = TypeOf(instance.Resource),
        Properties = [],
        CreationTimeStamp = now.UtcDateTime,
        HealthReports = UnansweredChecks(instance.Resource),
    }.In(instance.Resource.Annotations.OfType<WaitAnnotation>().Any() ? KnownResourceStates.Waiting : KnownResourceStates.NotStarted);

    public static CustomResourceSnapshot OfWaitingValue(IResource resource, DateTimeOffset now) => new()
    {
        ResourceType = TypeOf(resource),
        Properties = [],
        CreationTimeStamp = now.UtcDateTime,
        State = new(KnownResourceStates.Waiting, KnownResourceStateStyles.Info),
    };

    public static CustomResourceSnapshot OfValue(this CustomResourceSnapshot snapshot, string? problem) => snapshot.With(KnownProperties.Problem, problem) with
    {
        State = problem is null
            ? new(KnownResourceStates.Running, KnownResourceStateStyles.Success)
            : new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
    };

    public static ImmutableArray<HealthReportSnapshot> UnansweredChecks(IResource resource) =>
    [
        .. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => new HealthReportSnapshot(check.Key, null, null, null)),
        .. resource.Annotations.OfType<InstanceHealthCheckAnnotation>().Select(check => new HealthReportSnapshot(check.Key, null, null, null)),
    ];

    public static CustomResourceSnapshot In(this CustomResourceSnapshot snapshot, string state) => snapshot with
    {
        State = new(state, StyleOf(state)),
        Commands = CommandsIn(state),
    };

    public static CustomResourceSnapshot With(this CustomResourceSnapshot snapshot, string property, object? value) => snapshot with
    {
        Properties =
        [
            .. snapshot.Properties.Where(known => known.Name != property),
            .. value is null ? ImmutableArray<ResourcePropertySnapshot>.Empty : [new(property, value)],
        ],
    };

    public static CustomResourceSnapshot Running(
        this CustomResourceSnapshot snapshot, ResourceInstance instance, ProcessSpec spec, int processId, DateTimeOffset now) => snapshot
        .In(KnownResourceStates.Running)
        .With(KnownProperties.ProcessId, processId)
        .With(KnownProperties.Source, spec.Source)
        .With(KnownProperties.ProjectPath, instance.Resource is ProjectResource ? spec.Source : null)
        with
        {
            StartTimeStamp = now.UtcDateTime,
            StopTimeStamp = null,
            ExitCode = null,
            Urls = Links.Of(instance),
            EnvironmentVariables = [.. spec.Variables.Select(v => new EnvironmentVariableSnapshot(v.Name, v.IsSecret ? null : v.Value, IsFromSpec: true))],
        };

    public static string TypeOf(IResource resource) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        RedisResource => "Redis",
        ParameterResource => "Parameter",
        IResourceWithConnectionString => "ConnectionString",
        _ => resource.GetType().Name,
    };

    private static string StyleOf(string state) => state switch
    {
        "Running" or "Finished" => KnownResourceStateStyles.Success,
        "FailedToStart" or "Exited" => KnownResourceStateStyles.Error,
        _ => KnownResourceStateStyles.Info,
    };

    private static ImmutableArray<ResourceCommandSnapshot> CommandsIn(string state)
    {
        var ended = KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.NotStarted;
        return
        [
            new(KnownResourceCommands.StartCommand, Enabled(ended), "Start"),
            new(KnownResourceCommands.StopCommand, Enabled(state == KnownResourceStates.Running), "Stop"),
            new(KnownResourceCommands.RestartCommand, Enabled(state == KnownResourceStates.Running), "Restart"),
        ];
    }

    private static ResourceCommandState Enabled(bool enabled) => enabled ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;
}
