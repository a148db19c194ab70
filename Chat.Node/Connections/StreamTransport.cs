using System.Buffers;
using Chat.Wires;

namespace Chat.Node.Connections;

#pragma warning disable CA1001 // The sources have no timer, and a late writer may still use them: there is nothing to release.
/// <summary>Frames over a stream, where the bytes are encrypted or the HTTP server owns the connection. Its waits come back to the loop by the loop's context.</summary>
internal sealed class StreamTransport(Stream stream, WireLoop loop) : ITransport
#pragma warning restore CA1001
{
    private const int BatchBytes = 64 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly Queue<ReadOnlyMemory<byte>> _queued = new();
    private TaskCompletionSource<bool>? _sent;
    private int _sentBelow;
    private int _unsentBytes;
    private bool _writing;

    public WireLoop Loop => loop;

    public int UnsentBytes => _unsentBytes;

    public bool IsBlocked => _writing;

    public void Queue(ReadOnlyMemory<byte> bytes, SharedBytes? shared)
    {
        if (_gone.IsCancellationRequested)
        {
            return;
        }

        _queued.Enqueue(bytes);
        _unsentBytes += bytes.Length;
        if (!_writing)
        {
            _writing = true;
            _ = WriteAllAsync();
        }
    }

    public void SendQueued()
    {
        // The writer is at it.
    }

    public int DropQueued()
    {
        var dropped = 0;
        while (_queued.TryDequeue(out var bytes))
        {
            dropped += bytes.Length;
        }

        Settle(dropped);
        return dropped;
    }

    public ValueTask<bool> SentAsync(int unsentMax)
    {
        if (_unsentBytes <= unsentMax || _gone.IsCancellationRequested)
        {
            return ValueTask.FromResult(!_gone.IsCancellationRequested);
        }

        _sentBelow = unsentMax;
        _sent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return new ValueTask<bool>(_sent.Task);
    }

    public async ValueTask ReadableAsync() => _ = await ReadAsync(Memory<byte>.Empty);

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => ReadAsync(buffer);

    public ValueTask NextRequestAsync() => ValueTask.CompletedTask;

    public void StopReceiving() => _stop.Cancel();

    /// <summary>The stream's owner closes it.</summary>
    public Task CloseAsync()
    {
        _gone.Cancel();
        return Task.CompletedTask;
    }

    private async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return await stream.ReadAsync(buffer, _stop.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return 0;
        }
    }

    private async Task WriteAllAsync()
    {
        var batch = ArrayPool<byte>.Shared.Rent(BatchBytes);
        try
        {
            // What is queued in this turn goes together.
            await loop.YieldAsync();
            while (TakeBatch(batch) is { Length: > 0 } bytes)
            {
                await stream.WriteAsync(bytes, _gone.Token);
                await stream.FlushAsync(_gone.Token);
                Settle(bytes.Length);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            await _gone.CancelAsync();
            _queued.Clear();
            Settle(_unsentBytes);
        }
        finally
        {
            _writing = false;
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    /// <summary>What waits, as much as fits, or one that is larger.</summary>
    private ReadOnlyMemory<byte> TakeBatch(byte[] batch)
    {
        var length = 0;
        while (_queued.TryPeek(out var bytes) && length + bytes.Length <= batch.Length)
        {
            bytes.CopyTo(batch.AsMemory(length));
            length += bytes.Length;
            _queued.Dequeue();
        }

        return length > 0 || _queued.Count == 0 ? batch.AsMemory(0, length) : _queued.Dequeue();
    }

    private void Settle(int bytes)
    {
        _unsentBytes -= bytes;
        if (_sent is { } sent && (_unsentBytes <= _sentBelow || _gone.IsCancellationRequested))
        {
            _sent = null;
            sent.SetResult(!_gone.IsCancellationRequested);
        }
    }
}
