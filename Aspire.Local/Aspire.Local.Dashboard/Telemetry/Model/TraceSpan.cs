namespace Aspire.Local.Dashboard.Telemetry.Model;

public enum SpanKind
{
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

public enum SpanStatus
{
    Unset,
    Ok,
    Error,
}

public sealed record SpanEvent(string Name, long AtNanos, IReadOnlyList<TelemetryTag> Attributes);

public sealed record SpanLink(TraceId TraceId, SpanId SpanId, IReadOnlyList<TelemetryTag> Attributes);

/// <summary>One finished operation. Times are nanoseconds since 1970 by the clock of the machine that ran it.</summary>
public sealed record TraceSpan
{
    public required TraceId TraceId { get; init; }

    public required SpanId SpanId { get; init; }

    /// <summary>Empty for a root.</summary>
    public required SpanId ParentId { get; init; }

    public required string Name { get; init; }

    public required SpanKind Kind { get; init; }

    public required long StartNanos { get; init; }

    /// <summary>Never before the start.</summary>
    public required long EndNanos { get; init; }

    public required SpanStatus Status { get; init; }

    public required string StatusMessage { get; init; }

    /// <summary>The library or ActivitySource it came from.</summary>
    public required string Scope { get; init; }

    public required TelemetryInstance Instance { get; init; }

    public required IReadOnlyList<TelemetryTag> Attributes { get; init; }

    public required IReadOnlyList<SpanEvent> Events { get; init; }

    public required IReadOnlyList<SpanLink> Links { get; init; }

    /// <summary>What keeping it costs, estimated from above.</summary>
    public required int Bytes { get; init; }

    public long DurationNanos => EndNanos - StartNanos;
}
