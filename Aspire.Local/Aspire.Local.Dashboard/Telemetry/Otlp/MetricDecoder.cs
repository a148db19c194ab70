using Aspire.Local.Dashboard.Telemetry.Model;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Metrics.V1;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>OTLP metrics → samples. Exponential histograms and summaries are rejected and counted.</summary>
internal sealed class MetricDecoder(AttributeReader attributes, InstanceRegistry instances)
{
    private const int BucketsMax = 200;
    private const uint NoRecordedValue = 1;

    public List<SeriesSample> Decode(ExportMetricsServiceRequest request, out int rejected)
    {
        var samples = new List<SeriesSample>();
        rejected = 0;
        foreach (var resource in request.ResourceMetrics)
        {
            var instance = instances.Get(attributes.Read(resource.Resource?.Attributes ?? []));
            foreach (var scope in resource.ScopeMetrics)
            {
                var scopeName = attributes.Text(scope.Scope?.Name ?? "");
                foreach (var metric in scope.Metrics)
                {
                    rejected += Decode(metric, new InstrumentId(instance, scopeName, attributes.Text(metric.Name)), samples);
                }
            }
        }

        return samples;
    }

    private int Decode(Metric metric, InstrumentId id, List<SeriesSample> samples)
    {
        InstrumentDescription Described(InstrumentKind kind) =>
            new(kind, attributes.Text(metric.Unit), attributes.Text(metric.Description));

        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                return Numbers(metric.Gauge.DataPoints, id, Described(InstrumentKind.Gauge), isDelta: false, samples);
            case Metric.DataOneofCase.Sum:
                var kind = metric.Sum.IsMonotonic ? InstrumentKind.Counter : InstrumentKind.Gauge;
                return Numbers(metric.Sum.DataPoints, id, Described(kind), IsDelta(metric.Sum.AggregationTemporality), samples);
            case Metric.DataOneofCase.Histogram:
                return Histograms(metric.Histogram, id, Described(InstrumentKind.Histogram), samples);
            case Metric.DataOneofCase.ExponentialHistogram:
                return metric.ExponentialHistogram.DataPoints.Count;
            case Metric.DataOneofCase.Summary:
                return metric.Summary.DataPoints.Count;
            default:
                return 0;
        }
    }

    private int Numbers(
        IReadOnlyList<NumberDataPoint> points, InstrumentId id, InstrumentDescription description, bool isDelta, List<SeriesSample> samples)
    {
        var rejected = 0;
        foreach (var point in points)
        {
            if ((point.Flags & NoRecordedValue) != 0)
            {
                continue;
            }

            var value = point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble;
            if (!double.IsFinite(value))
            {
                rejected++;
                continue;
            }

            samples.Add(new SeriesSample(
                id, description, attributes.Read(point.Attributes), [], isDelta,
                new MetricPoint(OtlpNumber.Bounded(point.TimeUnixNano), value, value, Buckets: null)));
        }

        return rejected;
    }

    private int Histograms(Histogram histogram, InstrumentId id, InstrumentDescription description, List<SeriesSample> samples)
    {
        var rejected = 0;
        foreach (var point in histogram.DataPoints)
        {
            if (point.BucketCounts.Count > BucketsMax
                || (point.BucketCounts.Count != 0 && point.BucketCounts.Count != point.ExplicitBounds.Count + 1))
            {
                rejected++;
                continue;
            }

            var buckets = new long[point.BucketCounts.Count];
            for (var i = 0; i < buckets.Length; i++)
            {
                buckets[i] = OtlpNumber.Bounded(point.BucketCounts[i]);
            }

            samples.Add(new SeriesSample(
                id, description, attributes.Read(point.Attributes), [.. point.ExplicitBounds], IsDelta(histogram.AggregationTemporality),
                new MetricPoint(OtlpNumber.Bounded(point.TimeUnixNano), point.Count, point.Sum, buckets)));
        }

        return rejected;
    }

    private static bool IsDelta(AggregationTemporality temporality) => temporality == AggregationTemporality.Delta;
}
