namespace Chat.Lab.Faults;

/// <summary>What happens to the bytes between the two ends of a <see cref="FaultProxy"/>.</summary>
internal enum Fault
{
    Pass,

    /// <summary>Everything arrives, later.</summary>
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
}

internal enum Direction
{
    ToTarget,
    FromTarget,
}

/// <summary>The fault at one moment; replaced whole.</summary>
internal sealed class FaultState(Fault fault, TimeSpan delay)
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Fault Fault => fault;

    public TimeSpan Delay => fault == Fault.Delay ? delay : TimeSpan.Zero;

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
