using Aspire.Local.Dashboard.Telemetry.Logs;
using Aspire.Local.Dashboard.Telemetry.Traces;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>One request's bytes → the store of its signal → the answer, partial success included.</summary>
internal sealed class TelemetryIntake(
    TraceDecoder traceDecoder, TraceStore traces, LogDecoder logDecoder, LogStore logs, MetricIntake metrics)
{
    private readonly MessageParser<ExportTraceServiceRequest> _traceParser = ExportTraceServiceRequest.Parser.WithDiscardUnknownFields(true);
    private readonly MessageParser<ExportLogsServiceRequest> _logParser = ExportLogsServiceRequest.Parser.WithDiscardUnknownFields(true);

    /// <returns>What reads a body posted to that path, or null. It throws InvalidProtocolBufferException.</returns>
    public Func<ReadOnlySpan<byte>, IMessage>? SignalOf(PathString path) => path.Value switch
    {
        "/v1/traces" => Traces,
        "/v1/metrics" => metrics.Take,
        "/v1/logs" => Logs,
        _ => null,
    };

    private ExportTraceServiceResponse Traces(ReadOnlySpan<byte> body)
    {
        traces.Add(traceDecoder.Decode(_traceParser.ParseFrom(body), out var rejected));
        var response = new ExportTraceServiceResponse();
        if (rejected > 0)
        {
            response.PartialSuccess = new ExportTracePartialSuccess
            {
                RejectedSpans = rejected,
                ErrorMessage = "Spans without a valid trace id and span id were not taken.",
            };
        }

        return response;
    }

    private ExportLogsServiceResponse Logs(ReadOnlySpan<byte> body)
    {
        logs.Add(logDecoder.Decode(_logParser.ParseFrom(body)));
        return new ExportLogsServiceResponse();
    }
}
