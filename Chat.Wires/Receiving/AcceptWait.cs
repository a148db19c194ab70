using Chat.Wires.Turns;

namespace Chat.Wires.Receiving;

/// <summary>Whoever accepts, while there is no connection.</summary>
internal sealed class AcceptWait(WireLoop loop, WireListener listener) : LoopSource<Wire?>(loop)
{
    public ValueTask<Wire?> WaitAsync() => listener.TryTake(out var wire) ? ValueTask.FromResult(wire) : Wait();

    public void Signal()
    {
        if (Waiting)
        {
            Loop.Ready.Add(this);
        }
    }

    public override void Run()
    {
        if (Waiting && listener.TryTake(out var wire))
        {
            Complete(wire);
        }
    }
}
