using Chat.Wires;

namespace Chat.Node.Rooms;

/// <summary>
/// Frames on their way to one peer, and the only writer of its transport. On the connection's loop alone: what is queued in a turn goes
/// to the kernel at its end, and what the peer does not take waits in the transport, up to a limit.
/// </summary>
/// <param name="bytesMax">Bytes that may wait. The last frame accepted may go beyond, and answers do not count.</param>
internal sealed class OutboundQueue(IFrameSink sink, int bytesMax)
{
    private long _queued;
    private long _uncounted;
    private bool _closed;
    private Queue<(long Start, DeliveryTimer Timer)>? _timers;
    private TaskCompletionSource<bool>? _progress;
    private bool _watching;

    /// <summary>Bytes that wait for the peer and count. For looking on from elsewhere: it may have changed already.</summary>
    public int QueuedBytes => (int)Math.Max(0, Volatile.Read(ref _queued) - Math.Max(SentBytes, Volatile.Read(ref _uncounted)));

    /// <summary>Bytes that the kernel has not taken, answers included.</summary>
    public int UnsentBytes => sink.UnsentBytes;

    /// <summary>The peer does not take what is sent. For looking on, too.</summary>
    public bool IsBehind => sink.IsBlocked;

    private long SentBytes => Volatile.Read(ref _queued) - sink.UnsentBytes;

    /// <summary>Queues a frame; never waits.</summary>
    /// <param name="shared">Its bytes in memory of the loop, for a frame that many get.</param>
    /// <returns>False when full: the peer reads too slowly, and the caller closes it with SlowConsumer.</returns>
    public bool TryEnqueue(OutboundFrame frame, SharedBytes? shared = null)
    {
        if (_closed)
        {
            return true;
        }

        if (QueuedBytes >= bytesMax && !MakesRoom())
        {
            return false;
        }

        Add(frame, shared);
        return true;
    }

    /// <summary>The same for what the peer asked for: it may be larger than all that may wait, and does not count.</summary>
    public bool TryEnqueueAnswer(OutboundFrame frame)
    {
        if (!TryEnqueue(frame))
        {
            return false;
        }

        Volatile.Write(ref _uncounted, _queued);
        return true;
    }

    /// <summary>Takes nothing more, drops what waits if asked to, and queues one last frame.</summary>
    public void Close(OutboundFrame? last, bool dropQueued)
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        if (dropQueued)
        {
            Volatile.Write(ref _queued, _queued - sink.DropQueued());
            Volatile.Write(ref _uncounted, Math.Min(_uncounted, _queued));
            _timers = null;
        }

        if (last is not null)
        {
            Add(last, shared: null);
        }
    }

    /// <summary>Completes when the peer has taken some of what waits.</summary>
    /// <returns>False when it is gone.</returns>
    public Task<bool> ProgressAsync()
    {
        _progress ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var progress = _progress.Task;
        Watch();
        return progress;
    }

    private void Add(OutboundFrame frame, SharedBytes? shared)
    {
        if (frame.Timer is { } timer)
        {
            if (sink.IsBlocked)
            {
                (_timers ??= new Queue<(long Start, DeliveryTimer Timer)>()).Enqueue((_queued, timer));
                Watch();
            }
            else
            {
                timer.Written();
            }
        }

        Volatile.Write(ref _queued, _queued + frame.Bytes.Length);
        sink.Queue(frame.Bytes, shared);
    }

    /// <summary>A turn may gather more than may wait, for a peer that takes all of it.</summary>
    private bool MakesRoom()
    {
        sink.SendQueued();
        return QueuedBytes < bytesMax;
    }

    private void Watch()
    {
        if (!_watching)
        {
            _watching = true;
            _ = WatchAsync();
        }
    }

    /// <summary>Sees to what goes on while the peer takes what waits.</summary>
    private async Task WatchAsync()
    {
        var there = true;
        while (there && sink.UnsentBytes > 0)
        {
            there = await sink.SentAsync(sink.UnsentBytes - 1);
            TellTimers();
            Tell(there);
        }

        // Nothing waits, or nothing will ever go.
        _watching = false;
        _timers = null;
        Tell(there);
    }

    private void TellTimers()
    {
        while (_timers is not null && _timers.TryPeek(out var next) && next.Start <= SentBytes)
        {
            _timers.Dequeue().Timer.Written();
        }
    }

    private void Tell(bool there)
    {
        var progress = _progress;
        _progress = null;
        progress?.TrySetResult(there);
    }
}
