using System.Net;
using Chat.Wires.Receiving;
using Chat.Wires.Sending;
using Chat.Wires.Turns;

namespace Chat.Wires;

/// <summary>
/// One TCP connection on one loop. One reader and one writer at a time, all on the loop's thread. Idle it holds no buffer. A peer that
/// breaks the connection is a result here, never an exception.
/// </summary>
public abstract class Wire : IDisposable
{
    /// <summary>Received: the peer sends no more.</summary>
    public const int Ended = 0;

    /// <summary>Received: the peer reset the connection, or this side closed it.</summary>
    public const int Broken = -1;

    /// <summary>Received: <see cref="StopReceiving"/> ended the wait.</summary>
    public const int Stopped = -2;

    /// <summary>Received: nothing is there, or the turn's budget is used up; <see cref="ReadableAsync"/> says when to try again.</summary>
    public const int NotYet = -3;

    private readonly ReceiveWait _reader;
    private SendWait? _writer;
    private SentWait? _sent;
    private NextTurn? _pause;
    private TurnBudget _budget;
    private Outbound _outbound;
    private bool _stopped;
    private bool _disposed;
    private bool _unsendable;
    private bool _unreceivable;
    private bool _endsWhenSent;

    private protected Wire(WireLoop loop)
    {
        Loop = loop;
        _reader = new ReceiveWait(this);
    }

    public WireLoop Loop { get; }

    /// <summary>Null when the connection is gone.</summary>
    public abstract IPEndPoint? RemoteEndPoint { get; }

    /// <summary>Queued or gathered, and not in the kernel yet. From another thread: for looking on.</summary>
    public int UnsentBytes => _outbound.Bytes;

    /// <summary>The peer takes nothing now: what is queued waits for it, and not for the end of the turn. From another thread: for looking on.</summary>
    public bool IsBlocked => Blocked;

    /// <summary>Nothing has come as far as is known: no byte, no end, no reset.</summary>
    public bool IsQuiet => !_disposed && !_unreceivable && !HasNews;

    internal bool IsReadable => _stopped || _disposed || _unreceivable || (HasNews && !HasUsedUpItsTurn);

    internal bool HasUsedUpItsTurn => _budget.BytesToReceive(Loop) <= 0;

    internal bool HasReader => _reader.HasReader;

    /// <summary>Somebody waits for the end of what is queued: the engine must report it.</summary>
    internal bool HasWriter => _endsWhenSent || _writer is { HasWriter: true } || _sent is { HasWaiter: true };

    internal bool CanSend => !_unsendable && !_disposed;

    internal int BytesToSendNow => _budget.BytesToSend(Loop);

    /// <summary>The kernel took less than it was given; <see cref="Writable"/> ends it.</summary>
    internal bool Blocked { get; private set; }

    /// <summary>Kept by <see cref="DirtyWires"/>.</summary>
    internal bool Dirty { get; set; }

    internal ref Outbound Outbound => ref _outbound;

    internal bool Disposed => _disposed;

    /// <summary>Something may have come, or ended.</summary>
    private protected abstract bool HasNews { get; }

    /// <summary>Completes when there may be something to receive: bytes, the end, or a reset.</summary>
    public ValueTask ReadableAsync()
    {
        Loop.CheckThread();
        return _reader.ReadableAsync();
    }

    /// <summary>Receives what is there, waiting if nothing is.</summary>
    /// <param name="buffer">Not empty.</param>
    /// <returns>The number of bytes, or <see cref="Ended"/>, <see cref="Broken"/> or <see cref="Stopped"/>.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length);
        return _reader.ReceiveAsync(buffer);
    }

    /// <summary>Receives what is there, into memory that may be another wire's the moment after: one buffer serves a whole loop.</summary>
    /// <returns>As <see cref="ReceiveAsync"/>, or <see cref="NotYet"/>.</returns>
    public int TryReceive(Span<byte> buffer)
    {
        Loop.CheckThread();
        if (_stopped || _disposed || _unreceivable)
        {
            // The kernel tells a reset once: after that it would be taken for an end.
            return _disposed || !_stopped ? Broken : Stopped;
        }

        var most = _budget.BytesToReceive(Loop);
        if (most <= 0)
        {
            return NotYet;
        }

        var received = ReceiveNow(buffer[..Math.Min(most, buffer.Length)]);
        _budget.Received(Math.Max(0, received));
        _unreceivable = received == Broken;
        return received;
    }

    /// <summary>To be awaited before each request of a peer that may send many at once: above the turn's number the others come first.</summary>
    public ValueTask NextRequestAsync()
    {
        Loop.CheckThread();
        return _budget.TryTakeRequest(Loop) ? ValueTask.CompletedTask : (_pause ??= new NextTurn(Loop)).WaitAsync();
    }

    /// <summary>Sends a copy of short bytes with all others of this turn, long ones at once. A slow peer holds the caller back.</summary>
    /// <param name="bytes">The caller's again when the task has completed.</param>
    /// <returns>False when the connection is broken. It may be known at the next call only.</returns>
    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Loop.CheckThread();
        CheckWriter();
        if (bytes.Length < Loop.Options.DirectSendBytesMin && _outbound.Bytes + bytes.Length <= Loop.Options.TurnBytesMax && !Blocked && CanSend)
        {
            _outbound.Append(Loop, bytes.Span);
            Loop.Dirty.Add(this);
            return ValueTask.FromResult(true);
        }

        return (_writer ??= new SendWait(this)).SendAsync(bytes);
    }

    /// <summary>Queues bytes for the end of the turn, and never waits. Not while a <see cref="SendAsync"/> does: they would land in its middle.</summary>
    /// <returns>False, with nothing queued, when too much waits already or the connection is broken: what to do with it is the caller's choice.</returns>
    public bool Queue(SharedBytes bytes)
    {
        Loop.CheckThread();
        CheckWriter();
        if (!CanSend || _outbound.Bytes + bytes.Length > Loop.Options.UnsentBytesMax)
        {
            return false;
        }

        _outbound.Add(Loop, bytes);
        QueueForTurn();
        return true;
    }

    /// <summary>As <see cref="Queue(SharedBytes)"/>, with a copy of the bytes.</summary>
    public bool Queue(ReadOnlySpan<byte> bytes)
    {
        Loop.CheckThread();
        CheckWriter();
        if (!CanSend || _outbound.Bytes + bytes.Length > Loop.Options.UnsentBytesMax)
        {
            return false;
        }

        _outbound.AppendWhole(Loop, bytes);
        QueueForTurn();
        return true;
    }

    /// <summary>Sends what is queued now, in system calls of its own, as far as the peer takes it: for a turn that has gathered a lot.</summary>
    public void SendQueued()
    {
        Loop.CheckThread();
        CheckWriter();
        FlushUnlessBlocked();
    }

    /// <summary>Takes back what was queued, but nothing of what the peer has a part of: each <see cref="Queue(SharedBytes)"/> goes whole or not at all.</summary>
    /// <returns>Bytes that will not be sent.</returns>
    public int DropQueued()
    {
        Loop.CheckThread();
        CheckWriter();
        var before = _outbound.Bytes;
        _outbound.DropUnstarted(Loop);
        _sent?.Signal();
        return before - _outbound.Bytes;
    }

    /// <summary>Completes when the kernel has taken all but so many of the bytes that are queued. What is queued meanwhile counts as well. One waiter at a time.</summary>
    /// <returns>False when the connection is broken.</returns>
    public ValueTask<bool> SentAsync(int unsentMax)
    {
        Loop.CheckThread();
        return (_sent ??= new SentWait(this)).WaitAsync(unsentMax);
    }

    /// <summary>Completes when the kernel has taken all that is queued.</summary>
    /// <returns>False when the connection is broken.</returns>
    public ValueTask<bool> FlushAsync()
    {
        Loop.CheckThread();
        CheckWriter();
        return (_writer ??= new SendWait(this)).SendAsync(ReadOnlyMemory<byte>.Empty);
    }

    /// <summary>Tells the peer that nothing comes behind what is queued; it may still send.</summary>
    public void EndSending()
    {
        Loop.CheckThread();
        CheckWriter();
        FlushUnlessBlocked();
        if (CanSend)
        {
            _endsWhenSent = _outbound.Bytes > 0;
            if (!_endsWhenSent)
            {
                ShutdownSending();
            }
        }
    }

    /// <summary>Ends a pending receive with <see cref="Stopped"/>, and every later one. No byte is lost, and sending goes on.</summary>
    public void StopReceiving()
    {
        Loop.CheckThread();
        _stopped = true;
        _reader.Signal();
    }

    /// <summary>Takes <see cref="StopReceiving"/> back.</summary>
    public void ReceiveAgain() => _stopped = false;

    /// <summary>Resets the connection: what is unsent is lost, and the peer sees an abort.</summary>
    public void Abort()
    {
        Loop.CheckThread();
        Close(reset: true);
    }

    /// <summary>Closes the connection. What was sent in this turn still goes; what waits for a slow peer is lost, unless <see cref="FlushAsync"/> came first.</summary>
    public void Dispose()
    {
        Loop.CheckThread();
        FlushUnlessBlocked();
        Close(reset: false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Has the engine report news, if it does not anyhow.</summary>
    internal abstract void WantNews();

    /// <summary>There may be something to receive.</summary>
    internal void Readable() => _reader.Signal();

    /// <summary>The kernel takes bytes again.</summary>
    internal void Writable()
    {
        if (!Blocked || _disposed)
        {
            return;
        }

        Blocked = false;
        if (_outbound.Bytes > 0)
        {
            Loop.Dirty.Add(this);
        }

        _writer?.Signal();
    }

    /// <summary>Sends now what is gathered, in a system call of its own.</summary>
    internal void FlushNow()
    {
        var wanted = BytesOfOneSend;
        _budget.Sent(wanted);
        Settle(SendQueuedNow(), wanted);
    }

    /// <returns>Bytes that the kernel took.</returns>
    internal int SendDirectly(ReadOnlySpan<byte> bytes)
    {
        _budget.Sent(bytes.Length);
        var sent = SendNow(bytes);
        Note(sent, bytes.Length);
        return Math.Max(0, sent);
    }

    /// <summary>What became of a send of the queue's head.</summary>
    /// <param name="sent">Bytes that the kernel took, or <see cref="Broken"/>.</param>
    /// <param name="wanted">Bytes it was given.</param>
    internal void Settle(int sent, int wanted)
    {
        if (_disposed)
        {
            return;
        }

        _outbound.Consume(Loop, Math.Max(0, sent));
        Note(sent, wanted);
        _sent?.Signal();
        if (_outbound.Bytes == 0)
        {
            _writer?.Signal();
            if (_endsWhenSent && CanSend)
            {
                _endsWhenSent = false;
                ShutdownSending();
            }
        }
        else if (!Blocked && CanSend)
        {
            Loop.Dirty.Add(this);
        }
    }

    /// <summary>As much of the queue as the engine hands over in one send.</summary>
    private protected virtual int BytesOfOneSend => _outbound.Bytes;

    /// <returns>Bytes, <see cref="Ended"/>, <see cref="Broken"/> or <see cref="NotYet"/>.</returns>
    private protected abstract int ReceiveNow(Span<byte> buffer);

    /// <returns>Bytes that the kernel took, 0 when it takes none now, or <see cref="Broken"/>.</returns>
    private protected abstract int SendNow(ReadOnlySpan<byte> bytes);

    /// <summary>The same for the queue's head, of <see cref="BytesOfOneSend"/>.</summary>
    private protected abstract int SendQueuedNow();

    /// <summary>Has the engine call <see cref="Writable"/>.</summary>
    private protected abstract void WantWritable();

    private protected abstract void ShutdownSending();

    private protected abstract void CloseSocket(bool reset);

    private void Note(int sent, int wanted)
    {
        if (sent < 0)
        {
            _unsendable = true;
            _outbound.Clear(Loop);
            _writer?.Signal();
            _sent?.Signal();
        }
        else if (sent < wanted && !Blocked)
        {
            Blocked = true;
            WantWritable();
        }
    }

    private void QueueForTurn()
    {
        if (!Blocked)
        {
            Loop.Dirty.Add(this);
        }
    }

    private void FlushUnlessBlocked()
    {
        while (_outbound.Bytes > 0 && !Blocked && CanSend)
        {
            FlushNow();
        }
    }

    private void Close(bool reset)
    {
        if (!_disposed)
        {
            _disposed = true;
            _outbound.Clear(Loop);
            CloseSocket(reset);
            _reader.Signal();
            _writer?.Signal();
            _sent?.Signal();
        }
    }

    private void CheckWriter()
    {
        if (_writer is { HasWriter: true })
        {
            throw new InvalidOperationException("A send waits for the peer: one writer at a time.");
        }
    }
}
