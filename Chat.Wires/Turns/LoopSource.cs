using System.Threading.Tasks.Sources;

namespace Chat.Wires.Turns;

/// <summary>
/// What one async method on a loop waits for. The continuation runs in place, on the loop, out of its ready queue: never on the thread
/// pool, and never inside the call that completed it. Used again and again, by one waiter at a time.
/// </summary>
internal abstract class LoopSource<T>(WireLoop loop) : LoopWork, IValueTaskSource<T>, IValueTaskSource
{
    private Action<object?>? _continuation;
    private object? _state;
    private T _result = default!;
    private short _version;
    private bool _completed = true;
    private bool _withoutContext;

    protected WireLoop Loop => loop;

    /// <summary>Somebody waits, or has a task to wait for.</summary>
    protected bool Waiting => !_completed;

    /// <exception cref="InvalidOperationException">Another waiter is there already.</exception>
    protected ValueTask<T> Wait()
    {
        Begin();
        return new ValueTask<T>(this, _version);
    }

    protected ValueTask WaitVoid()
    {
        Begin();
        return new ValueTask(this, _version);
    }

    /// <summary>Has the waiter go on now: to be called out of the ready queue alone, so from <see cref="LoopWork.Run"/>.</summary>
    protected void Complete(T result)
    {
        _result = result;
        _completed = true;
        if (_continuation is { } continuation)
        {
            var state = _state;
            (_continuation, _state) = (null, null);
            if (_withoutContext)
            {
                RunWithoutContext(continuation, state);
            }
            else
            {
                continuation(state);
            }
        }
    }

    T IValueTaskSource<T>.GetResult(short token) => Result(token);

    void IValueTaskSource.GetResult(short token) => Result(token);

    public ValueTaskSourceStatus GetStatus(short token)
    {
        Check(token);
        return _completed ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        Check(token);
        loop.CheckThread();
        if (_completed)
        {
            loop.Post(continuation, state);
            return;
        }

        (_continuation, _state) = (continuation, state);
        _withoutContext = (flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) == 0;
    }

    /// <summary>
    /// ConfigureAwait(false) goes on in place as well, but sees no context. So do all tasks that complete by it, and those who wait for them in
    /// the same way: with a context current, the runtime would send them to the thread pool.
    /// </summary>
    private static void RunWithoutContext(Action<object?> continuation, object? state)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            continuation(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void Begin()
    {
        loop.CheckThread();
        if (!_completed)
        {
            throw new InvalidOperationException("Somebody waits for this already: one reader and one writer at a time.");
        }

        _version++;
        _completed = false;
    }

    private T Result(short token)
    {
        Check(token);
        loop.CheckThread();
        return _completed ? _result : throw new InvalidOperationException("Not completed: await it.");
    }

    private void Check(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("This wait is over: await a ValueTask once.");
        }
    }
}
