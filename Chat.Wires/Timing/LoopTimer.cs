namespace Chat.Wires.Timing;

/// <summary>A time at which a loop does something. Set and cleared on the loop alone, so that it cannot fire once it is cleared.</summary>
internal sealed class LoopTimer(WireLoop loop, Action elapsed)
{
    public const int Nowhere = -1;

    /// <summary>A timestamp of the loop's clock. Kept by <see cref="TimerHeap"/>, as <see cref="Place"/> is.</summary>
    public long Due { get; set; }

    public int Place { get; set; } = Nowhere;

    public bool IsSet => Place >= 0;

    public void Set(TimeSpan after) => loop.Set(this, after);

    public void Clear() => loop.Clear(this);

    public void Fire() => elapsed();
}
