using Chat.Wires.Timing;
using Chat.Wires.Turns;

namespace Chat.Wires.Engines.Linux;

/// <summary>Waits for the outcome of a connect, at most so long.</summary>
internal sealed class DialWait : LoopSource<int>
{
    private readonly LoopTimer _timer;
    private int _outcome;

    public DialWait(WireLoop loop)
        : base(loop) => _timer = new LoopTimer(loop, () => Signal(Errno.TimerExpired));

    /// <returns>0, or the errno that says why not.</returns>
    public ValueTask<int> WaitAsync(TimeSpan timeout)
    {
        var wait = Wait();
        _timer.Set(timeout);
        return wait;
    }

    public void Signal(int outcome)
    {
        if (Waiting && !Queued)
        {
            _outcome = outcome;
            Loop.Ready.Add(this);
        }
    }

    public override void Run()
    {
        _timer.Clear();
        Complete(_outcome);
    }
}
