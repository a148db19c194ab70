using Aspire.Local.Dashboard.Telemetry;
using Aspire.Local.Dashboard.Telemetry.Model;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Tests.Dashboard;

/// <summary>Telemetry for tests: only what a test says differs from the defaults.</summary>
internal static class Some
{
    public static readonly TelemetryInstance Node = Instance("node", "abcdefgh", 0);

    public static TelemetryInstance Instance(string service, string id, int number) => new(service, id, number, []);

    public static IOptions<TelemetryLimits> Limits(TelemetryLimits? limits = null) => Options.Create(limits ?? new TelemetryLimits());

    public static TraceSpan Span(
        ulong id, ulong parent = 0, ulong trace = 1, long start = 0, long duration = 10, int bytes = 100, TelemetryInstance? instance = null) => new()
        {
            TraceId = new TraceId(trace),
            SpanId = new SpanId(id),
            ParentId = new SpanId(parent),
            Name = $"span {id}",
            Kind = SpanKind.Internal,
            StartNanos = start,
            EndNanos = start + duration,
            Status = SpanStatus.Unset,
            StatusMessage = "",
            Scope = "Test",
            Instance = instance ?? Node,
            Attributes = [],
            Events = [],
            Links = [],
            Bytes = bytes,
        };

    public static LogEntry Log(string message, LogSeverity severity = LogSeverity.Information, int bytes = 100, ulong trace = 0) =>
        new(0, 1, severity, "Test", message, new TraceId(trace), default, Node, [], bytes);

    public static SeriesSample Sample(
        string instrument, double value, long seconds = 0, string room = "", InstrumentKind kind = InstrumentKind.Counter, bool isDelta = false) => new(
            new InstrumentId(Node, "Test", instrument),
            new InstrumentDescription(kind, "", ""),
            room.Length == 0 ? [] : [new TelemetryTag("room", room)],
            [],
            isDelta,
            new MetricPoint(seconds * 1_000_000_000, value, value, Buckets: null));
}
