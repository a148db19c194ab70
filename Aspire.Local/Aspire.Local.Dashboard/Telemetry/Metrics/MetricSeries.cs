using Aspire.Local.Dashboard.Telemetry.Model;
using Aspire.Local.Dashboard.Telemetry.Otlp;

namespace Aspire.Local.Dashboard.Telemetry.Metrics;

/// <summary>The newest points of one series. Its store owns it and locks around it.</summary>
internal sealed class MetricSeries(IReadOnlyList<TelemetryTag> attributes, IReadOnlyList<double> bounds)
{
    private const int PointBytes = 72;
    private readonly Queue<MetricPoint> _points = new();
    private MetricPoint? _last;

    public IReadOnlyList<TelemetryTag> Attributes => attributes;

    public IReadOnlyList<double> Bounds => bounds;

    public long Bytes { get; private set; } = MemoryEstimate.Record + MemoryEstimate.Of(attributes) + (8 * bounds.Count);

    public int Count => _points.Count;

    public long LastNanos => _last?.AtNanos ?? 0;

    /// <returns>The bytes it grew by.</returns>
    public long Add(MetricPoint point, bool isDelta)
    {
        if (point.AtNanos <= LastNanos && _last is not null)
        {
            return 0;
        }

        _last = isDelta && _last is not null ? Sum(_last, point) : point;
        _points.Enqueue(_last);
        var bytes = Size(_last);
        Bytes += bytes;
        return bytes;
    }

    /// <returns>The bytes it shrank by.</returns>
    public long DropOldest()
    {
        var bytes = Size(_points.Dequeue());
        Bytes -= bytes;
        return bytes;
    }

    public SeriesSnapshot Snapshot() => new(attributes, bounds, _points.ToArray());

    private static long Size(MetricPoint point) => PointBytes + (8 * (point.Buckets?.Count ?? 0));

    private static MetricPoint Sum(MetricPoint total, MetricPoint delta) => new(
        delta.AtNanos,
        total.Value + delta.Value,
        total.Sum + delta.Sum,
        delta.Buckets is null || total.Buckets is null || total.Buckets.Count != delta.Buckets.Count
            ? delta.Buckets
            : [.. total.Buckets.Zip(delta.Buckets, (a, b) => a + b)]);
}
