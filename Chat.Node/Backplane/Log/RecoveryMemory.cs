namespace Chat.Node.Backplane.Log;

/// <summary>
/// How many bytes of logs may be on their way to this node at once: each reading takes what it may bring at most, and waits until there is
/// room for it. First come, first served. Safe to call from any thread.
/// </summary>
internal sealed class RecoveryMemory(long bytesMax, TimeSpan waitMax, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Turn)> _waiting = [];
    private long _bytes;

    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <param name="bytes">The most that the reading can bring; one that is above the limit is let through alone.</param>
    /// <exception cref="BackplaneUnavailableException">Too many are before it; nothing was read.</exception>
    public async Task<T> RunAsync<T>(long bytes, Func<Task<T>> read, CancellationToken cancellationToken)
    {
        await TakeAsync(Math.Min(bytes, bytesMax), cancellationToken);
        try
        {
            return await read();
        }
        finally
        {
            Release(Math.Min(bytes, bytesMax));
        }
    }

    private async Task TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        LinkedListNode<(long, TaskCompletionSource Turn)> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _bytes + bytes <= bytesMax)
            {
                _bytes += bytes;
                return;
            }

            place = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await place.Value.Turn.Task.WaitAsync(waitMax, time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            GiveUp(place, bytes);
            if (exception is TimeoutException)
            {
                throw new BackplaneUnavailableException("Too many logs are being read on this node.", exception);
            }

            throw;
        }
    }

    private void GiveUp(LinkedListNode<(long, TaskCompletionSource Turn)> place, long bytes)
    {
        lock (_gate)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
                return;
            }
        }

        // Its turn came at the same moment.
        Release(bytes);
    }

    private void Release(long bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            while (_waiting.First is { } next && _bytes + next.Value.Bytes <= bytesMax)
            {
                _waiting.RemoveFirst();
                _bytes += next.Value.Bytes;
                next.Value.Turn.TrySetResult();
            }
        }
    }
}
