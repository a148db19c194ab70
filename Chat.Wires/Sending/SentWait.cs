using Chat.Wires.Turns;

namespace Chat.Wires.Sending;

/// <summary>Whoever waits until less is unsent, beside the one who queues.</summary>
internal sealed class SentWait(Wire wire) : LoopSource<bool>(wire.Loop)
{
    private int _unsentMax;

    public bool HasWaiter => Waiting;

    private bool IsOver => wire.UnsentBytes <= _unsentMax || !wire.CanSend;

    public ValueTask<bool> WaitAsync(int unsentMax)
    {
        _unsentMax = unsentMax;
        return IsOver ? ValueTask.FromResult(wire.CanSend) : Wait();
    }

    /// <summary>Something was sent, or nothing will be.</summary>
    public void Signal()
    {
        if (Waiting && IsOver)
        {
            Loop.Ready.Add(this);
        }
    }

    public override void Run()
    {
        if (Waiting && IsOver)
        {
            Complete(wire.CanSend);
        }
    }
}
