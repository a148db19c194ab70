using System.Buffers;
using System.Diagnostics;

namespace Chat.Node.Rooms;

/// <summary>
/// Frames on their way to one peer, and the only writer of its socket. Safe to call from any thread. While the peer keeps up,
/// whoever enqueues also writes, without waiting; once it does not, the rest is written as it takes it.
/// </summary>
/// <param name="bytesMax">Bytes that may wait behind what is being written. The last frame accepted may go beyond.</param>
/// <param name="aborted">Ends a write that the peer does not take.</param>
/// <param name="failed">Called once, when the peer is gone.</param>
internal sealed class OutboundQueue(IFrameSink sink, int bytesMax, Action failed, CancellationToken aborted)
{
    private const int BatchBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private Queue<OutboundFrame>? _frames;
    private int _queuedBytes;
    private bool _writing;
    private bool _closed;
    private TaskCompletionSource? _drained;

    /// <summary>Bytes that wait behind what is being written. For looking on: it may have changed already.</summary>
    public int QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>The peer has not taken all yet. For looking on, too.</summary>
    public bool IsBehind => Volatile.Read(ref _writing);

    /// <summary>Queues a frame; never waits.</summary>
    /// <returns>False when full: the peer reads too slowly, and the caller closes it with SlowConsumer.</returns>
    public bool TryEnqueue(OutboundFrame frame)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return true;
            }

            if (_writing)
            {
                if (_queuedBytes >= bytesMax)
                {
                    return false;
                }

                Add(frame);
                return true;
            }

            _writing = true;
        }

        WriteInline(frame);
        return true;
    }

    /// <summary>Takes nothing more, drops what waits if asked to, writes one last frame.</summary>
    /// <returns>Ends when that frame is written or the peer is gone; the caller bounds the wait.</returns>
    public Task CloseAsync(OutboundFrame? last, bool dropQueued)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return _drained?.Task ?? Task.CompletedTask;
            }

            _closed = true;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (dropQueued)
            {
                _frames?.Clear();
                _queuedBytes = 0;
            }

            if (last is not null)
            {
                Add(last);
            }

            if (!_writing)
            {
                _writing = true;
                _ = DrainAsync(ReadOnlyMemory<byte>.Empty);
            }

            return _drained.Task;
        }
    }

    private void Add(OutboundFrame frame)
    {
        (_frames ??= new Queue<OutboundFrame>()).Enqueue(frame);
        _queuedBytes += frame.Bytes.Length;
    }

    private void WriteInline(OutboundFrame frame)
    {
        var written = sink.TryWrite(frame.Bytes.Span);
        frame.Timer?.Written();
        lock (_gate)
        {
            if (written == frame.Bytes.Length && _frames is not { Count: > 0 })
            {
                EndWriting();
                return;
            }

            _ = DrainAsync(frame.Bytes[written..]);
        }
    }

    // Under the gate.
    private void EndWriting()
    {
        _frames = null;
        _writing = false;
        if (_closed)
        {
            _drained?.TrySetResult();
        }
    }

    private async Task DrainAsync(ReadOnlyMemory<byte> rest)
    {
        await Task.Yield();

        // Of the frame that came first: what is written from here on is that of others.
        Activity.Current = null;
        byte[]? batch = null;
        try
        {
            if (rest.Length > 0)
            {
                await sink.WriteAsync(rest, aborted);
            }

            batch = ArrayPool<byte>.Shared.Rent(BatchBytes);
            while (TakeBatch(batch) is { Length: > 0 } bytes)
            {
                await sink.WriteAsync(bytes, aborted);
            }
        }
#pragma warning disable CA1031 // Whatever ends a write ends the connection: nobody waits for this task but through its end.
        catch (Exception)
#pragma warning restore CA1031
        {
            Fail();
        }
        finally
        {
            if (batch is not null)
            {
                ArrayPool<byte>.Shared.Return(batch);
            }
        }
    }

    /// <summary>What waits, as many frames as fit, or one that is larger; empty when nothing waits, and then the writer is free.</summary>
    private ReadOnlyMemory<byte> TakeBatch(byte[] batch)
    {
        lock (_gate)
        {
            if (_frames is not { Count: > 0 })
            {
                EndWriting();
                return ReadOnlyMemory<byte>.Empty;
            }

            var length = 0;
            while (_frames.TryPeek(out var frame) && length + frame.Bytes.Length <= batch.Length)
            {
                frame.Bytes.CopyTo(batch.AsMemory(length));
                length += frame.Bytes.Length;
                _frames.Dequeue().Timer?.Written();
            }

            var taken = length > 0 ? batch.AsMemory(0, length) : TakeLarge();

            // What is on its way is not waiting: the answer to a join may be larger than all that may wait behind it.
            _queuedBytes -= taken.Length;
            return taken;
        }
    }

    // Under the gate.
    private ReadOnlyMemory<byte> TakeLarge()
    {
        var frame = _frames!.Dequeue();
        frame.Timer?.Written();
        return frame.Bytes;
    }

    private void Fail()
    {
        lock (_gate)
        {
            _closed = true;
            _queuedBytes = 0;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            EndWriting();
        }

        failed();
    }
}
