namespace Aspire.Hosting;

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>Name of the AppHost's assembly; the entry assembly when null.</summary>
    public string? AssemblyName { get; set; }

    public bool DisableDashboard { get; set; }

    /// <summary>Endpoints take free ports instead of those they name: several runs fit on one machine.</summary>
    internal bool RandomizePorts { get; set; }

    internal string? EnvironmentName { get; set; }
}

public enum DistributedApplicationOperation
{
    Run,
    Publish,
}

/// <summary>What the AppHost was started for: here always a run.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public DistributedApplicationOperation Operation { get; } = operation;

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>The application cannot be put together or started as it was described.</summary>
public class DistributedApplicationException : Exception
{
    public DistributedApplicationException()
    {
    }

    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    public DistributedApplicationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
