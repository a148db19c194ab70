using Aspire.Local.Dashboard.Telemetry.Metrics;
using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Components.MetricCharts;

/// <summary>What is drawn of an instrument.</summary>
/// <param name="Meaning">Of the vertical axis: "per second", a unit.</param>
/// <param name="NotDrawn">Series beyond what one chart can show.</param>
public sealed record ChartContent(string Meaning, IReadOnlyList<ChartLine> Lines, int NotDrawn)
{
    private const int LinesMax = 8;
    private static readonly (string Label, double Quantile)[] Quantiles = [("p50", 0.5), ("p99", 0.99)];

    /// <summary>Counters as rates, gauges as they are, histograms as the median and the 99th percentile.</summary>
    public static ChartContent Of(InstrumentSnapshot instrument)
    {
        var unit = instrument.Description.Unit.Trim('{', '}');
        var kind = instrument.Description.Kind;
        var lines = instrument.Series.SelectMany(s => LinesOf(kind, s)).OrderByDescending(l => l.Last ?? 0).ToArray();
        var meaning = kind == InstrumentKind.Counter ? $"{unit} per second".TrimStart() : unit;
        return new ChartContent(meaning, lines[..Math.Min(LinesMax, lines.Length)], Math.Max(0, lines.Length - LinesMax));
    }

    private static IEnumerable<ChartLine> LinesOf(InstrumentKind kind, SeriesSnapshot series)
    {
        var label = string.Join(", ", series.Attributes.Select(a => $"{a.Name}={a.Value}"));
        return kind switch
        {
            InstrumentKind.Counter => [new ChartLine(Named(label), MetricMath.Rate(series.Points))],
            InstrumentKind.Gauge =>
                [new ChartLine(Named(label), [.. series.Points.Select(p => new ChartPoint(p.AtNanos, p.Value))])],
            _ => Quantiles.Select(q => new ChartLine($"{q.Label} {label}".TrimEnd(), MetricMath.Quantile(series, q.Quantile))),
        };
    }

    private static string Named(string label) => label.Length == 0 ? "all" : label;
}
