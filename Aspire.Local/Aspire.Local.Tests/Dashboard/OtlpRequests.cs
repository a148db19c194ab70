using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace Aspire.Local.Tests.Dashboard;

/// <summary>Requests as an exporter of the node <c>node-abcdefgh</c> would send them.</summary>
internal static class OtlpRequests
{
    public static readonly byte[] TraceId = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    public const string TraceIdText = "0102030405060708090a0b0c0d0e0f10";

    public static ExportTraceServiceRequest Traces(params Span[] spans) => new()
    {
        ResourceSpans = { new ResourceSpans { Resource = Node(), ScopeSpans = { new ScopeSpans { Scope = new() { Name = "Chat" }, Spans = { spans } } } } },
    };

    public static Span Span(byte id, byte parent = 0, string name = "receive") => new()
    {
        TraceId = ByteString.CopyFrom(TraceId),
        SpanId = ByteString.CopyFrom(0, 0, 0, 0, 0, 0, 0, id),
        ParentSpanId = parent == 0 ? ByteString.Empty : ByteString.CopyFrom(0, 0, 0, 0, 0, 0, 0, parent),
        Name = name,
        Kind = OpenTelemetry.Proto.Trace.V1.Span.Types.SpanKind.Server,
        StartTimeUnixNano = 1_000_000,
        EndTimeUnixNano = 3_000_000,
        Attributes = { Attribute("room", "lobby") },
    };

    public static ExportLogsServiceRequest Logs(params LogRecord[] records) => new()
    {
        ResourceLogs = { new ResourceLogs { Resource = Node(), ScopeLogs = { new ScopeLogs { Scope = new() { Name = "Chat.Node" }, LogRecords = { records } } } } },
    };

    public static ExportMetricsServiceRequest Metrics(params Metric[] metrics) => new()
    {
        ResourceMetrics = { new ResourceMetrics { Resource = Node(), ScopeMetrics = { new ScopeMetrics { Scope = new() { Name = "Chat" }, Metrics = { metrics } } } } },
    };

    public static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static Resource Node() => new()
    {
        Attributes = { Attribute("service.name", "node"), Attribute("service.instance.id", "abcdefgh") },
    };
}
