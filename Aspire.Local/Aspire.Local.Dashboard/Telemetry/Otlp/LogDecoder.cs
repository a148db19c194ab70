using Aspire.Local.Dashboard.Telemetry.Model;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>OTLP log records → the dashboard's own.</summary>
internal sealed class LogDecoder(AttributeReader attributes, InstanceRegistry instances)
{
    /// <returns>Entries without their number: the store counts.</returns>
    public List<LogEntry> Decode(ExportLogsServiceRequest request)
    {
        var entries = new List<LogEntry>();
        foreach (var resource in request.ResourceLogs)
        {
            var instance = instances.Get(attributes.Read(resource.Resource?.Attributes ?? []));
            foreach (var scope in resource.ScopeLogs)
            {
                var category = attributes.Text(scope.Scope?.Name ?? "");
                foreach (var record in scope.LogRecords)
                {
                    entries.Add(Decode(record, category, instance));
                }
            }
        }

        return entries;
    }

    private LogEntry Decode(LogRecord record, string category, TelemetryInstance instance)
    {
        var recordAttributes = attributes.Read(record.Attributes);
        var message = attributes.Text(MessageTemplate.Format(attributes.Text(record.Body), recordAttributes));
        var at = record.TimeUnixNano == 0 ? record.ObservedTimeUnixNano : record.TimeUnixNano;
        return new LogEntry(
            Number: 0,
            OtlpNumber.Bounded(at),
            Severity(record.SeverityNumber),
            category,
            message,
            TraceId.FromBytes(record.TraceId.Span),
            SpanId.FromBytes(record.SpanId.Span),
            instance,
            recordAttributes,
            MemoryEstimate.Record + MemoryEstimate.Of(message) + MemoryEstimate.Of(recordAttributes));
    }

    // Four numbers a level: TRACE 1-4, DEBUG 5-8, INFO 9-12, WARN 13-16, ERROR 17-20, FATAL 21-24; 0 is unknown.
    private static LogSeverity Severity(int number) => number switch
    {
        <= 0 => LogSeverity.Information,
        > 24 => LogSeverity.Critical,
        _ => (LogSeverity)((number - 1) / 4),
    };
}
