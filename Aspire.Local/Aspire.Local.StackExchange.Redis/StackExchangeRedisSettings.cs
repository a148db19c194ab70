namespace Aspire.StackExchange.Redis;

/// <summary>Settings of the Redis client: section <c>Aspire:StackExchange:Redis</c>, then the same with the connection's name.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>What <c>ConnectionStrings:name</c> says, if it says anything.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>True: no trace source is registered. Spans of Redis commands come from the program itself either way.</summary>
    public bool DisableTracing { get; set; }
}
