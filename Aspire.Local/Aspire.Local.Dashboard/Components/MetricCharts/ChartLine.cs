using Aspire.Local.Dashboard.Telemetry.Metrics;

namespace Aspire.Local.Dashboard.Components.MetricCharts;

/// <param name="Label">What the line is: its attributes, or its quantile.</param>
public sealed record ChartLine(string Label, IReadOnlyList<ChartPoint> Points)
{
    public double? Last => Points.Count == 0 ? null : Points[^1].Value;
}
