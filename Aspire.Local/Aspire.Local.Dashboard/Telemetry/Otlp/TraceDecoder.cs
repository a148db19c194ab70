using Aspire.Local.Dashboard.Telemetry.Model;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using ProtoSpan = OpenTelemetry.Proto.Trace.V1.Span;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>OTLP spans → the dashboard's own.</summary>
internal sealed class TraceDecoder(AttributeReader attributes, InstanceRegistry instances)
{
    private const int ItemsPerSpanMax = 128;

    /// <returns>Without those spans whose trace or span id is no id.</returns>
    public List<TraceSpan> Decode(ExportTraceServiceRequest request, out int rejected)
    {
        var spans = new List<TraceSpan>();
        rejected = 0;
        foreach (var resource in request.ResourceSpans)
        {
            var instance = instances.Get(attributes.Read(resource.Resource?.Attributes ?? []));
            foreach (var scope in resource.ScopeSpans)
            {
                var scopeName = attributes.Text(scope.Scope?.Name ?? "");
                foreach (var span in scope.Spans)
                {
                    if (Decode(span, scopeName, instance) is { } decoded)
                    {
                        spans.Add(decoded);
                    }
                    else
                    {
                        rejected++;
                    }
                }
            }
        }

        return spans;
    }

    private TraceSpan? Decode(ProtoSpan span, string scope, TelemetryInstance instance)
    {
        var traceId = TraceId.FromBytes(span.TraceId.Span);
        var spanId = SpanId.FromBytes(span.SpanId.Span);
        if (traceId.IsEmpty || spanId.IsEmpty)
        {
            return null;
        }

        var start = OtlpNumber.Bounded(span.StartTimeUnixNano);
        var name = attributes.Text(span.Name);
        var statusMessage = attributes.Text(span.Status?.Message ?? "");
        var spanAttributes = attributes.Read(span.Attributes);
        var events = Events(span);
        var links = Links(span);
        return new TraceSpan
        {
            TraceId = traceId,
            SpanId = spanId,
            ParentId = SpanId.FromBytes(span.ParentSpanId.Span),
            Name = name,
            Kind = Kind(span.Kind),
            StartNanos = start,
            EndNanos = Math.Max(start, OtlpNumber.Bounded(span.EndTimeUnixNano)),
            Status = Status(span.Status?.Code),
            StatusMessage = statusMessage,
            Scope = scope,
            Instance = instance,
            Attributes = spanAttributes,
            Events = events,
            Links = links,
            Bytes = MemoryEstimate.Record + MemoryEstimate.Of(name) + MemoryEstimate.Of(statusMessage)
                + MemoryEstimate.Of(spanAttributes)
                + events.Sum(e => MemoryEstimate.Record + MemoryEstimate.Of(e.Name) + MemoryEstimate.Of(e.Attributes))
                + links.Sum(l => MemoryEstimate.Record + MemoryEstimate.Of(l.Attributes)),
        };
    }

    private SpanEvent[] Events(ProtoSpan span) => span.Events.Count == 0
        ? []
        : [.. span.Events.Take(ItemsPerSpanMax).Select(e =>
            new SpanEvent(attributes.Text(e.Name), OtlpNumber.Bounded(e.TimeUnixNano), attributes.Read(e.Attributes)))];

    private SpanLink[] Links(ProtoSpan span) => span.Links.Count == 0
        ? []
        : [.. span.Links.Take(ItemsPerSpanMax).Select(l =>
            new SpanLink(TraceId.FromBytes(l.TraceId.Span), SpanId.FromBytes(l.SpanId.Span), attributes.Read(l.Attributes)))];

    private static SpanKind Kind(ProtoSpan.Types.SpanKind kind) => kind switch
    {
        ProtoSpan.Types.SpanKind.Server => SpanKind.Server,
        ProtoSpan.Types.SpanKind.Client => SpanKind.Client,
        ProtoSpan.Types.SpanKind.Producer => SpanKind.Producer,
        ProtoSpan.Types.SpanKind.Consumer => SpanKind.Consumer,
        _ => SpanKind.Internal,
    };

    private static SpanStatus Status(Status.Types.StatusCode? code) => code switch
    {
        OpenTelemetry.Proto.Trace.V1.Status.Types.StatusCode.Ok => SpanStatus.Ok,
        OpenTelemetry.Proto.Trace.V1.Status.Types.StatusCode.Error => SpanStatus.Error,
        _ => SpanStatus.Unset,
    };
}
