using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Metrics;

public readonly record struct ChartPoint(long AtNanos, double Value);

/// <summary>What the charts draw, from running totals.</summary>
internal static class MetricMath
{
    private const double NanosPerSecond = 1e9;

    // A process that ends sends once more at once: a rate over so short a time would be a spike.
    private const long IntervalNanosMin = 500_000_000;

    /// <summary>Growth per second between neighbouring points. A total that fell has started anew from zero.</summary>
    public static IReadOnlyList<ChartPoint> Rate(IReadOnlyList<MetricPoint> points) =>
        Between(points, (before, after) =>
            (after.Value >= before.Value ? after.Value - before.Value : after.Value)
            / ((after.AtNanos - before.AtNanos) / NanosPerSecond));

    /// <summary>A quantile of what was recorded between neighbouring points; no point where nothing was.</summary>
    /// <param name="quantile">0 to 1.</param>
    public static IReadOnlyList<ChartPoint> Quantile(SeriesSnapshot series, double quantile) =>
        Between(series.Points, (before, after) => Quantile(Growth(before, after), series.Bounds, quantile));

    /// <summary>Interpolates within the bucket that holds the quantile. The last bucket has no end: its start is the answer.</summary>
    /// <returns>NaN when nothing was recorded.</returns>
    public static double Quantile(IReadOnlyList<long> buckets, IReadOnlyList<double> bounds, double quantile)
    {
        var total = buckets.Sum();
        if (total == 0 || bounds.Count == 0)
        {
            return double.NaN;
        }

        var wanted = quantile * total;
        var below = 0L;
        for (var i = 0; i < bounds.Count; i++)
        {
            if (buckets[i] > 0 && below + buckets[i] >= wanted)
            {
                var from = i == 0 ? Math.Min(0, bounds[0]) : bounds[i - 1];
                return from + ((bounds[i] - from) * (wanted - below) / buckets[i]);
            }

            below += buckets[i];
        }

        return bounds[^1];
    }

    private static IReadOnlyList<long> Growth(MetricPoint before, MetricPoint after)
    {
        var now = after.Buckets ?? [];
        var then = before.Buckets ?? [];
        return after.Value < before.Value || then.Count != now.Count
            ? now
            : [.. now.Zip(then, (a, b) => Math.Max(0, a - b))];
    }

    private static List<ChartPoint> Between(IReadOnlyList<MetricPoint> points, Func<MetricPoint, MetricPoint, double> value)
    {
        var drawn = new List<ChartPoint>(points.Count);
        var before = points.Count == 0 ? null : points[0];
        foreach (var point in points.Skip(1))
        {
            if (point.AtNanos - before!.AtNanos < IntervalNanosMin)
            {
                continue;
            }

            var at = value(before, point);
            before = point;
            if (double.IsFinite(at))
            {
                drawn.Add(new ChartPoint(point.AtNanos, at));
            }
        }

        return drawn;
    }
}
