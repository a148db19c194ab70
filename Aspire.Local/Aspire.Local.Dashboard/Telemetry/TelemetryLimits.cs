using System.ComponentModel.DataAnnotations;

namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>How much the dashboard keeps and takes. Section <c>Dashboard:Limits</c>.</summary>
internal sealed class TelemetryLimits : IValidatableObject
{
    public const string Section = "Dashboard:Limits";

    [Range(100, 1_000_000)]
    public int SpansMax { get; init; } = 10_000;

    [Range(10, 1_000_000)]
    public int SpansPerTraceMax { get; init; } = 5_000;

    [Range(1 << 20, int.MaxValue)]
    public int SpanBytesMax { get; init; } = 64 << 20;

    [Range(100, 1_000_000)]
    public int LogsMax { get; init; } = 10_000;

    [Range(1 << 20, int.MaxValue)]
    public int LogBytesMax { get; init; } = 32 << 20;

    [Range(10, 100_000)]
    public int SeriesMax { get; init; } = 4_000;

    [Range(1, 10_000)]
    public int SeriesPerInstrumentMax { get; init; } = 100;

    [Range(10, 10_000)]
    public int PointsPerSeriesMax { get; init; } = 600;

    [Range(1 << 20, int.MaxValue)]
    public int MetricBytesMax { get; init; } = 64 << 20;

    [Range(10, 100_000)]
    public int InstancesMax { get; init; } = 1_000;

    [Range(64, 1 << 20)]
    public int AttributeLengthMax { get; init; } = 8_192;

    [Range(1, 10_000)]
    public int AttributesMax { get; init; } = 128;

    /// <summary>Size of one request after decompression.</summary>
    [Range(1 << 10, 1 << 30)]
    public int RequestBytesMax { get; init; } = 8 << 20;

    [Range(1, 256)]
    public int RequestsAtOnceMax { get; init; } = 4;

    [Range(1, 1_000_000)]
    public int ConsoleLinesMax { get; init; } = 5_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (SpansPerTraceMax > SpansMax)
        {
            yield return new ValidationResult("SpansPerTraceMax must not be more than SpansMax.", [nameof(SpansPerTraceMax)]);
        }

        if (SeriesPerInstrumentMax > SeriesMax)
        {
            yield return new ValidationResult("SeriesPerInstrumentMax must not be more than SeriesMax.", [nameof(SeriesPerInstrumentMax)]);
        }

        if (AttributeLengthMax > RequestBytesMax)
        {
            yield return new ValidationResult("AttributeLengthMax must not be more than RequestBytesMax.", [nameof(AttributeLengthMax)]);
        }
    }
}
