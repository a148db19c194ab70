using System.ComponentModel.DataAnnotations;

namespace Aspire.Local.Hosting.Running;

/// <summary>Limits of the supervisor: section <c>AspireLocal</c> of the AppHost's configuration.</summary>
internal sealed class SupervisorOptions
{
    public const string Section = "AspireLocal";

    private const string ShortestPeriod = "00:00:00.010";
    private const string LongestPeriod = "00:10:00";

    /// <summary>From asking a process to end to killing it.</summary>
    [Range(typeof(TimeSpan), ShortestPeriod, LongestPeriod)]
    public TimeSpan StopLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A project without endpoints that fails within this time counts as not started.</summary>
    [Range(typeof(TimeSpan), ShortestPeriod, LongestPeriod)]
    public TimeSpan StartupPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Between health checks until all instances are healthy.</summary>
    [Range(typeof(TimeSpan), ShortestPeriod, LongestPeriod)]
    public TimeSpan HealthPeriodUntilHealthy { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Between health checks afterwards.</summary>
    [Range(typeof(TimeSpan), ShortestPeriod, LongestPeriod)]
    public TimeSpan HealthPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>A health check that takes longer has failed.</summary>
    [Range(typeof(TimeSpan), ShortestPeriod, LongestPeriod)]
    public TimeSpan HealthLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Output kept per instance.</summary>
    [Range(1, 1_000_000)]
    public int OutputLinesMax { get; set; } = 10_000;

    [Range(1, 100_000_000)]
    public int OutputCharsMax { get; set; } = 1_000_000;
}
