namespace Chat.Lab.Faults;

/// <summary>What happens to the bytes between the two ends of a <see cref="FaultProxy"/>.</summary>
internal enum Fault
{
    Pass,

    /// <summary>Everything arrives, later: by the delay, give or take the jitter, and never out of order.</summary>
    Delay,

    /// <summary>Connections are refused, and those that stood are reset.</summary>
    Refuse,

    /// <summary>
    /// Connections stay open, new ones are taken, and nothing goes through, not even an end. As behind a link that is down, what
    /// was sent arrives when it is up again.
    /// </summary>
    BlackHole,

    /// <summary>A black hole on the way to the target only.</summary>
    BlackHoleToTarget,

    /// <summary>A black hole on the way from the target only.</summary>
    BlackHoleFromTarget,

    /// <summary>So many bytes a second and no more, each way.</summary>
    Throttle,
}

/// <summary>How strong the fault is, where that can be said.</summary>
internal sealed record FaultStrength(TimeSpan Delay = default, TimeSpan Jitter = default, int BytesPerSecond = int.MaxValue);

internal enum Direction
{
    ToTarget,
    FromTarget,
}

/// <summary>The fault at one moment; replaced whole.</summary>
/// <param name="random">Between 0 and 1.</param>
internal sealed class FaultState(Fault fault, FaultStrength strength, Func<double> random)
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Fault Fault => fault;

    /// <summary>How long a chunk is held back: another time for each.</summary>
    public TimeSpan NextDelay() => fault == Fault.Delay ? strength.Delay + (strength.Jitter * ((2 * random()) - 1)) : TimeSpan.Zero;

    /// <summary>How long so many bytes take.</summary>
    public TimeSpan TimeOf(int bytes) => fault == Fault.Throttle ? TimeSpan.FromSeconds((double)bytes / strength.BytesPerSecond) : TimeSpan.Zero;

    public Task Changed => _changed.Task;

    public bool Blocks(Direction direction) => fault switch
    {
        Fault.BlackHole => true,
        Fault.BlackHoleToTarget => direction == Direction.ToTarget,
        Fault.BlackHoleFromTarget => direction == Direction.FromTarget,
        _ => false,
    };

    public void MarkChanged() => _changed.TrySetResult();
}
