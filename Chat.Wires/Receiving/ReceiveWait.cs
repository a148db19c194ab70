using Chat.Wires.Turns;

namespace Chat.Wires.Receiving;

/// <summary>The reader of a wire, while nothing is there for it or its budget is used up.</summary>
internal sealed class ReceiveWait(Wire wire) : LoopSource<int>(wire.Loop)
{
    private Memory<byte> _buffer;

    /// <summary>Somebody waits for news: the engine reports none to nobody.</summary>
    public bool HasReader => Waiting;

    public ValueTask ReadableAsync()
    {
        if (wire.IsReadable)
        {
            return ValueTask.CompletedTask;
        }

        var wait = WaitVoid();
        Start(Memory<byte>.Empty);
        return wait;
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        var received = wire.TryReceive(buffer.Span);
        if (received != Wire.NotYet)
        {
            return ValueTask.FromResult(received);
        }

        var wait = Wait();
        Start(buffer);
        return wait;
    }

    /// <summary>There may be something.</summary>
    public void Signal()
    {
        if (Waiting)
        {
            Loop.Ready.Add(this);
        }
    }

    public override void Run()
    {
        if (!Waiting)
        {
            return;
        }

        var received = !_buffer.IsEmpty ? wire.TryReceive(_buffer.Span) : wire.IsReadable ? 0 : Wire.NotYet;
        if (received == Wire.NotYet)
        {
            Want();
            return;
        }

        _buffer = default;
        Complete(received);
    }

    private void Start(Memory<byte> buffer)
    {
        _buffer = buffer;
        Want();
    }

    private void Want()
    {
        if (wire.HasUsedUpItsTurn)
        {
            Loop.Ready.Add(this);
        }
        else
        {
            wire.WantNews();
        }
    }
}
