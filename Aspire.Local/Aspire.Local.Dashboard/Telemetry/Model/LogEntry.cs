namespace Aspire.Local.Dashboard.Telemetry.Model;

public enum LogSeverity
{
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
}

/// <summary>One structured log record.</summary>
/// <param name="Number">Counts records as they arrive; it orders equal times.</param>
/// <param name="Bytes">What keeping it costs, estimated from above.</param>
public sealed record LogEntry(
    long Number,
    long AtNanos,
    LogSeverity Severity,
    string Category,
    string Message,
    TraceId TraceId,
    SpanId SpanId,
    TelemetryInstance Instance,
    IReadOnlyList<TelemetryTag> Attributes,
    int Bytes);
