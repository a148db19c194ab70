using Aspire.Local.Dashboard.Telemetry.Metrics;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>One metrics request's bytes → the metric store → the answer.</summary>
internal sealed class MetricIntake(MetricDecoder decoder, MetricStore metrics)
{
    private readonly MessageParser<ExportMetricsServiceRequest> _parser = ExportMetricsServiceRequest.Parser.WithDiscardUnknownFields(true);

    public ExportMetricsServiceResponse Take(ReadOnlySpan<byte> body)
    {
        var samples = decoder.Decode(_parser.ParseFrom(body), out var notKept);
        var rejected = notKept + metrics.Add(samples);
        var response = new ExportMetricsServiceResponse();
        if (rejected > 0)
        {
            response.PartialSuccess = new ExportMetricsPartialSuccess
            {
                RejectedDataPoints = rejected,
                ErrorMessage = "Not taken: exponential histograms, summaries, values that are not finite, and series over the limit.",
            };
        }

        return response;
    }
}
