using Chat.Wires.Turns;

namespace Chat.Wires.Sending;

/// <summary>The writer of a wire, while its peer does not read or its budget is used up. Until it is done the rest stays in the caller's memory.</summary>
internal sealed class SendWait(Wire wire) : LoopSource<bool>(wire.Loop)
{
    private ReadOnlyMemory<byte> _rest;

    public bool HasWriter => Waiting;

    /// <param name="bytes">Empty: only waits for what is queued.</param>
    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        _rest = bytes;
        if (TryAdvance(out var sent))
        {
            return ValueTask.FromResult(sent);
        }

        return Wait();
    }

    /// <summary>It may go on: the peer reads again, or the wire is gone.</summary>
    public void Signal()
    {
        if (Waiting)
        {
            Loop.Ready.Add(this);
        }
    }

    public override void Run()
    {
        if (Waiting && TryAdvance(out var sent))
        {
            Complete(sent);
        }
    }

    /// <returns>True when all is sent, or nothing will be.</returns>
    private bool TryAdvance(out bool sent)
    {
        sent = true;
        while (wire.CanSend && (wire.UnsentBytes > 0 || !_rest.IsEmpty))
        {
            if (wire.Blocked)
            {
                return false;
            }

            var most = wire.BytesToSendNow;
            if (most <= 0)
            {
                Loop.Ready.Add(this);
                return false;
            }

            if (wire.UnsentBytes > 0)
            {
                wire.FlushNow();
            }
            else
            {
                _rest = _rest[wire.SendDirectly(_rest.Span[..Math.Min(most, _rest.Length)])..];
            }
        }

        sent = wire.CanSend;
        _rest = default;
        return true;
    }
}
