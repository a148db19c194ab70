using System.Runtime.CompilerServices;

namespace Chat.Client;

/// <summary>
/// Events of one room that nobody has read yet. Putting never waits: when as many as allowed are there, the oldest goes, and the reader is
/// told. Safe to call from any thread; one reader at a time.
/// </summary>
internal sealed class EventQueue(int eventsMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<RoomEvent> _events = new();
    private EventsDropped? _dropped;
    private TaskCompletionSource? _reader;
    private bool _ended;
    private ChatException? _error;

    /// <returns>False when it took the place of an older one.</returns>
    public bool Put(RoomEvent happened)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return true;
            }

            var full = _events.Count >= eventsMax;
            if (full)
            {
                Drop(_events.Dequeue());
            }

            _events.Enqueue(happened);
            Wake();
            return !full;
        }
    }

    /// <summary>Readers end once they have everything: without a word, or by this exception.</summary>
    public void End(ChatException? error)
    {
        lock (_gate)
        {
            (_ended, _error) = (true, error);
            Wake();
        }
    }

    /// <summary>Whoever reads from now on waits for events again.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            (_ended, _error) = (false, null);
        }
    }

    public async IAsyncEnumerable<RoomEvent> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (happened, grows) = Next();
            if (happened is not null)
            {
                yield return happened;
            }
            else if (grows is null)
            {
                yield break;
            }
            else
            {
                await grows.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <returns>Null when nothing waits.</returns>
    public RoomEvent? Take()
    {
        lock (_gate)
        {
            if (_dropped is { } dropped)
            {
                _dropped = null;
                return dropped;
            }

            return _events.TryDequeue(out var happened) ? happened : null;
        }
    }

    /// <returns>The next event, or what to wait for; neither when there will be none.</returns>
    private (RoomEvent? Happened, Task? Grows) Next()
    {
        lock (_gate)
        {
            if (Take() is { } happened)
            {
                return (happened, null);
            }

            if (_error is { } error)
            {
                // Each reader gets an exception of its own.
                throw new ChatException(error.Code, error.Message, error.InnerException);
            }

            return _ended
                ? (null, null)
                : (null, (_reader ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task);
        }
    }

    private void Drop(RoomEvent oldest)
    {
        var offset = (oldest as MessageReceived)?.Message.Offset ?? 0;
        _dropped = _dropped is { } before
            ? new EventsDropped(before.Count + 1, before.FirstOffset > 0 ? before.FirstOffset : offset, Math.Max(before.LastOffset, offset))
            : new EventsDropped(1, offset, offset);
    }

    private void Wake()
    {
        _reader?.TrySetResult();
        _reader = null;
    }
}
