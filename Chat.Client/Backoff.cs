namespace Chat.Client;

/// <summary>Exponential backoff with full jitter, applied after the cap: a cap applied last would bring everyone back in step.</summary>
/// <param name="jitter">Off in experiments only: everyone comes back in step.</param>
/// <param name="random">Between 0 and 1; null for any.</param>
internal sealed class Backoff(TimeSpan min, TimeSpan max, bool jitter, Func<double>? random = null)
{
    private int _failures;

    public void Reset() => _failures = 0;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(max.Ticks, min.Ticks * Math.Pow(2, Math.Min(_failures++, 30)));
        return TimeSpan.FromTicks((long)(jitter ? ceiling * (random ?? Random.Shared.NextDouble)() : ceiling));
    }
}
