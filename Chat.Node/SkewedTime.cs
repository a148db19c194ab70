namespace Chat.Node;

/// <summary>A wall clock that is wrong by so much. What measures how long something takes is not concerned, as on a real machine.</summary>
internal sealed class SkewedTime(TimeProvider time, TimeSpan skew) : TimeProvider
{
    /// <summary>The system's own time where there is no skew.</summary>
    public static TimeProvider By(TimeSpan skew) => skew == TimeSpan.Zero ? System : new SkewedTime(System, skew);

    public override long TimestampFrequency => time.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + skew;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
