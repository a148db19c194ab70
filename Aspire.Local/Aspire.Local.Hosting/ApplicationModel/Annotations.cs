using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

public class EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<EnvironmentCallbackContext, Task> Callback { get; } = callback;
}

/// <param name="environmentVariables">Values may be text, or anything that gives a value later: an endpoint, a parameter, an expression.</param>
public class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext,
    IResource resource,
    Dictionary<string, object> environmentVariables,
    CancellationToken cancellationToken = default)
{
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public IResource Resource { get; } = resource;

    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ILogger Logger { get; set; } = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
}

public class CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<CommandLineArgsCallbackContext, Task> Callback { get; } = callback;
}

public class CommandLineArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    public IList<object> Args { get; } = args;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

public class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

public enum WaitType
{
    WaitUntilHealthy,
    WaitForCompletion,
}

public enum WaitBehavior
{
    /// <summary>Keep waiting for a dependency that has failed: somebody may start it again.</summary>
    WaitOnResourceUnavailable,

    /// <summary>Fail as soon as the dependency has failed.</summary>
    StopOnResourceUnavailable,
}

public class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public WaitType WaitType { get; } = waitType;

    public int ExitCode { get; } = exitCode;

    /// <summary>The application's default when null.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>Names a health check registered in the AppHost's services that tells whether the resource is healthy.</summary>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}

/// <summary>One link of a resource.</summary>
public class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    public string? DisplayText { get; set; }

    public EndpointReference? Endpoint { get; init; }
}

internal sealed record UrlForEndpointAnnotation(string EndpointName, Action<ResourceUrlAnnotation> Callback) : IResourceAnnotation;

/// <summary>Where a program of the run keeps what must outlive it.</summary>
internal sealed record DataFolderAnnotation(string Path) : IResourceAnnotation;

/// <summary>Checked before the program starts: what it finds wrong, in one sentence, or null.</summary>
internal sealed record PreconditionAnnotation(Func<string?> Check) : IResourceAnnotation;

/// <summary>Text added to the message when the program cannot be found.</summary>
internal sealed record MissingCommandAnnotation(string Advice) : IResourceAnnotation;

/// <summary>A check that goes straight to each instance rather than through the shared endpoint.</summary>
internal sealed record InstanceHealthCheckAnnotation(string Key, Func<Uri, CancellationToken, Task<HealthCheckResult>> Check, string? EndpointName)
    : IResourceAnnotation;
