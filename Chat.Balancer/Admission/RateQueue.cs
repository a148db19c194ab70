namespace Chat.Balancer.Admission;

/// <summary>
/// Lets so many a second through. Whoever comes too fast waits in a short queue; when that is full, or would take too long, the caller
/// refuses, which costs less than to let the client wait. First come, first served, until the first have waited for half of the longest
/// time: then the last come first, since their clients are the most likely to be still there. Safe to call from any thread.
/// </summary>
internal sealed class RateQueue(double perSecond, int waitingMax, TimeSpan waitMax, TimeProvider clock)
{
    /// <summary>How much of an unused second may be made up for in one go.</summary>
    private const double BurstSeconds = 0.1;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private double _nextAt;
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <param name="left">The client has gone: its place is the next one's.</param>
    /// <returns>False when the caller should refuse, and when the client has gone.</returns>
    public ValueTask<bool> EnterAsync(CancellationToken left)
    {
        Waiter? waiter;
        TimeSpan wait;
        lock (_lock)
        {
            var now = Now;
            var at = Math.Max(_nextAt, now - BurstSeconds);
            wait = TimeSpan.FromSeconds(Math.Max(0, at - now));
            if (wait > waitMax || (wait > TimeSpan.Zero && _waiting >= waitingMax))
            {
                return ValueTask.FromResult(false);
            }

            _nextAt = at + (1 / perSecond);
            if (wait == TimeSpan.Zero)
            {
                return ValueTask.FromResult(true);
            }

            waiter = new Waiter(now);
            waiter.Place = _waiters.AddLast(waiter);
            _waiting++;
        }

        _ = LetOneInAsync(wait);
        _ = ExpireAsync(waiter);
        return WaitAsync(waiter, left);
    }

    private double Now => clock.GetTimestamp() / (double)clock.TimestampFrequency;

    private async ValueTask<bool> WaitAsync(Waiter waiter, CancellationToken left)
    {
        using var leaving = left.UnsafeRegister(static state => ((Action)state!)(), () => GiveUp(waiter));
        return await waiter.Admitted.Task;
    }

    /// <summary>Places on the time line are 1/rate apart; who is let in when one comes is decided then.</summary>
    private async Task LetOneInAsync(TimeSpan wait)
    {
        await Task.Delay(wait, clock, CancellationToken.None).ConfigureAwait(false);
        Waiter? next;
        lock (_lock)
        {
            var oldest = _waiters.First;
            var late = oldest is not null && Now - oldest.Value.Since > waitMax.TotalSeconds / 2;
            next = (late ? _waiters.Last : oldest)?.Value;
            Remove(next);
        }

        next?.Admitted.TrySetResult(true);
    }

    /// <summary>Others came first for so long that it has no hope.</summary>
    private async Task ExpireAsync(Waiter waiter)
    {
        await Task.Delay(waitMax * 1.5, clock, CancellationToken.None).ConfigureAwait(false);
        GiveUp(waiter);
    }

    private void GiveUp(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Place is null)
            {
                return;
            }

            // The place that is not needed any more is the last one.
            Remove(waiter);
            _nextAt -= 1 / perSecond;
        }

        waiter.Admitted.TrySetResult(false);
    }

    private void Remove(Waiter? waiter)
    {
        if (waiter?.Place is { } place)
        {
            _waiters.Remove(place);
            waiter.Place = null;
            _waiting--;
        }
    }

    /// <param name="since">When it came, in seconds of the clock.</param>
    private sealed class Waiter(double since)
    {
        public double Since { get; } = since;

        /// <summary>Null once it has left the queue.</summary>
        public LinkedListNode<Waiter>? Place { get; set; }

        public TaskCompletionSource<bool> Admitted { get; } = new();
    }
}
