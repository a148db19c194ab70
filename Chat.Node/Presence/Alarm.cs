namespace Chat.Node.Presence;

/// <summary>Rings once, at the earliest time that was asked for. Its owner's lock guards it; it rings outside of that.</summary>
internal sealed class Alarm : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _at = long.MaxValue;

    public Alarm(TimeProvider time, Action ring)
    {
        _time = time;
        _timer = time.CreateTimer(_ => ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void RingIn(TimeSpan delay)
    {
        var at = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
        if (at < _at)
        {
            _at = at;
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>It has rung, or what was asked for no longer counts: the next call sets the time.</summary>
    public void Reset() => _at = long.MaxValue;

    public ValueTask DisposeAsync() => _timer.DisposeAsync();
}
