namespace Aspire.Local.Dashboard.Telemetry.Traces;

/// <param name="Percent">Where it lies between 0 and 100.</param>
public readonly record struct Tick(double Percent, long Nanos);

/// <summary>Maps times to percent of a common axis with round ticks.</summary>
internal sealed class TimeScale(long startNanos, long endNanos)
{
    private readonly long _span = Math.Max(1, endNanos - startNanos);

    public double Left(long atNanos) => 100.0 * Math.Clamp(atNanos - startNanos, 0, _span) / _span;

    public double Width(long fromNanos, long toNanos) => Left(toNanos) - Left(fromNanos);

    /// <summary>Ticks at 1, 2 or 5 times a power of ten, at most as many as wanted, plus the one at zero.</summary>
    public IReadOnlyList<Tick> Ticks(int wanted)
    {
        var step = Step(wanted);
        var ticks = new List<Tick>();
        for (var at = 0L; at <= _span; at += step)
        {
            ticks.Add(new Tick(100.0 * at / _span, at));
        }

        return ticks;
    }

    private long Step(int wanted)
    {
        for (var power = 1L; ; power *= 10)
        {
            foreach (var factor in (ReadOnlySpan<int>)[1, 2, 5])
            {
                if (_span / (power * factor) <= wanted)
                {
                    return power * factor;
                }
            }
        }
    }
}
