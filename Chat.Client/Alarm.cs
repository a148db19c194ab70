namespace Chat.Client;

/// <summary>Rings once for whatever comes due first. Used under the session's gate, but for the ringing itself.</summary>
internal sealed class Alarm : IDisposable
{
    private static readonly TimeSpan SetMax = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ITimer _timer;
    private TimeSpan _due = TimeSpan.MaxValue;

    public Alarm(TimeProvider time, Action ring)
    {
        (_time, _origin) = (time, time.GetTimestamp());
        _timer = time.CreateTimer(_ => ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Time since the alarm was made. It never jumps, as the clock on the wall does.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_origin);

    public void RingBy(TimeSpan due)
    {
        if (due >= _due)
        {
            return;
        }

        _due = due;

        // A timer counts whole milliseconds: rounded down, it would ring before it is due, again and again.
        var wait = Math.Ceiling(Math.Max(0, (due - Now).TotalMilliseconds));
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(wait, SetMax.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>It has rung: whatever is still to come has to be set again.</summary>
    public void Clear() => _due = TimeSpan.MaxValue;

    public void Dispose() => _timer.Dispose();
}
