using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Metrics;

/// <param name="Points">Oldest first; running totals for counters and histograms.</param>
public sealed record SeriesSnapshot(
    IReadOnlyList<TelemetryTag> Attributes, IReadOnlyList<double> Bounds, IReadOnlyList<MetricPoint> Points);

public sealed record InstrumentSummary(InstrumentId Id, InstrumentDescription Description, int Series);

public sealed record InstrumentSnapshot(
    InstrumentId Id, InstrumentDescription Description, IReadOnlyList<SeriesSnapshot> Series);
