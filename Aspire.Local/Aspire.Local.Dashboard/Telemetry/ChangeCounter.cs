namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>Grows with every change. Viewers compare it on their own timer, so that a busy writer never waits for a page.</summary>
internal sealed class ChangeCounter
{
    private long _value;

    public long Value => Volatile.Read(ref _value);

    public void Increment() => Interlocked.Increment(ref _value);
}
