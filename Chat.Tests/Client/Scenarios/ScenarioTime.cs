using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Client.Scenarios;

/// <summary>Time that moves when a test says so. The clock on the wall can jump, and the machine can sleep.</summary>
internal sealed class ScenarioTime : TimeProvider
{
    private readonly FakeTimeProvider _steady = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow() => _steady.GetUtcNow() + _ahead;

    public override long GetTimestamp() => _steady.GetTimestamp();

    public override long TimestampFrequency => _steady.TimestampFrequency;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _steady.CreateTimer(callback, state, dueTime, period);

    public void Advance(TimeSpan by) => _steady.Advance(by);

    /// <summary>The wall's clock alone: somebody has set it, or the machine has slept, while timers stood still.</summary>
    public void Jump(TimeSpan by) => _ahead += by;
}
