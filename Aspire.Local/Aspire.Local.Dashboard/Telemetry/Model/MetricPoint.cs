namespace Aspire.Local.Dashboard.Telemetry.Model;

public enum InstrumentKind
{
    /// <summary>Only grows, apart from restarts: drawn as a rate.</summary>
    Counter,

    /// <summary>A value as it is: gauges and up-down counters.</summary>
    Gauge,

    /// <summary>A distribution: drawn as quantiles.</summary>
    Histogram,
}

/// <summary>One measurement of one series. Counters and histograms are running totals, whatever the sender's temporality.</summary>
/// <param name="Value">The count of a histogram.</param>
/// <param name="Buckets">Per bucket, not summed up; null unless a histogram.</param>
public sealed record MetricPoint(long AtNanos, double Value, double Sum, IReadOnlyList<long>? Buckets);

public sealed record InstrumentId(TelemetryInstance Instance, string Scope, string Name);

public sealed record InstrumentDescription(InstrumentKind Kind, string Unit, string Description);

/// <param name="Bounds">Upper bounds of all buckets but the last; empty unless a histogram.</param>
public sealed record SeriesSample(
    InstrumentId Instrument,
    InstrumentDescription Description,
    IReadOnlyList<TelemetryTag> Attributes,
    IReadOnlyList<double> Bounds,
    bool IsDelta,
    MetricPoint Point);
