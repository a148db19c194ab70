using Chat.Wires.Turns;

namespace Chat.Wires.Timing;

/// <summary>One wait for a time.</summary>
internal sealed class Delay : LoopSource<bool>
{
    private readonly LoopTimer _timer;

    public Delay(WireLoop loop)
        : base(loop) => _timer = new LoopTimer(loop, () => loop.Ready.Add(this));

    public ValueTask<bool> WaitAsync(TimeSpan after)
    {
        var wait = Wait();
        _timer.Set(after);
        return wait;
    }

    public override void Run() => Complete(!Loop.Stopping);
}
