using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

internal enum AvailabilityKind
{
    /// <summary>Not yet: it may become healthy by itself.</summary>
    Pending,

    Healthy,

    /// <summary>Only a start command helps.</summary>
    Failed,
}

/// <summary>What the instances of a resource amount to for those who wait for it.</summary>
internal static class Availability
{
    public static AvailabilityKind Of(IReadOnlyList<ResourceEvent> instances)
    {
        if (instances.Any(instance => State(instance) == KnownResourceStates.FailedToStart))
        {
            return AvailabilityKind.Failed;
        }

        // A replica that has ended is missed by nobody as long as another one is there.
        var live = instances.Where(instance => !KnownResourceStates.TerminalStates.Contains(State(instance))).ToArray();
        if (live.Length == 0)
        {
            return instances.Count == 0 ? AvailabilityKind.Pending : AvailabilityKind.Failed;
        }

        return live.All(instance => instance.Snapshot.HealthStatus == HealthStatus.Healthy) ? AvailabilityKind.Healthy : AvailabilityKind.Pending;
    }

    public static string Explain(string resourceName, IReadOnlyList<ResourceEvent> instances)
    {
        var failed = instances.FirstOrDefault(instance => KnownResourceStates.TerminalStates.Contains(State(instance)));
        var problem = failed?.Snapshot.Properties.FirstOrDefault(property => property.Name == KnownProperties.Problem)?.Value as string;
        return problem is null
            ? $"'{resourceName}' is not available: {State(failed)}."
            : $"'{resourceName}' is not available: {problem}";
    }

    private static string State(ResourceEvent? instance) => instance?.Snapshot.State?.Text ?? KnownResourceStates.NotStarted;
}

/// <summary>Names of snapshot properties.</summary>
internal static class KnownProperties
{
    /// <summary>Why it failed, in one sentence for a person.</summary>
    public const string Problem = "problem";

    public const string ProcessId = "executable.pid";

    public const string ProjectPath = "project.path";

    public const string Source = "resource.source";
}
