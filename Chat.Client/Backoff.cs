namespace Chat.Client;

/// <summary>Exponential backoff with full jitter, applied after the cap: a cap applied last would bring everyone back in step.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Random random)
{
    private int _failures;

    public void Reset() => _failures = 0;

    public TimeSpan Next()
    {
        var ceiling = Math.Min(max.Ticks, min.Ticks * Math.Pow(2, Math.Min(_failures++, 30)));
        return TimeSpan.FromTicks((long)(ceiling * random.NextDouble()));
    }
}
