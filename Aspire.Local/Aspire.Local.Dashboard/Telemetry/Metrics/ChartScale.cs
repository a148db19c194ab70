namespace Aspire.Local.Dashboard.Telemetry.Metrics;

/// <summary>A vertical axis from zero, or from the lowest value below it, with round steps.</summary>
internal sealed class ChartScale
{
    private const int StepsWanted = 4;

    private ChartScale(double bottom, double top, double step) => (Bottom, Top, Step) = (bottom, top, step);

    public double Bottom { get; }

    public double Top { get; }

    public double Step { get; }

    public static ChartScale Of(IEnumerable<double> values)
    {
        var (lowest, highest) = (0.0, 0.0);
        foreach (var value in values)
        {
            (lowest, highest) = (Math.Min(lowest, value), Math.Max(highest, value));
        }

        var step = RoundStep(Math.Max(highest - lowest, double.Epsilon) / StepsWanted);
        var top = Math.Ceiling(highest / step) * step;
        return new ChartScale(Math.Floor(lowest / step) * step, top > lowest ? top : step, step);
    }

    /// <summary>0 at the bottom, 1 at the top.</summary>
    public double Share(double value) => (value - Bottom) / (Top - Bottom);

    public IEnumerable<double> Steps()
    {
        var count = (int)Math.Round((Top - Bottom) / Step);
        for (var i = 0; i <= count; i++)
        {
            yield return Bottom + (i * Step);
        }
    }

    // 1, 2 or 5 times a power of ten.
    private static double RoundStep(double atLeast)
    {
        if (atLeast < 1e-12)
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        return (atLeast / power) switch
        {
            <= 1 => power,
            <= 2 => 2 * power,
            <= 5 => 5 * power,
            _ => 10 * power,
        };
    }
}
