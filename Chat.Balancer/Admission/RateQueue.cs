namespace Chat.Balancer.Admission;

/// <summary>
/// Lets so many a second through. Whoever comes too fast waits in a short queue, in order; when that is full, or would take too long,
/// the caller refuses, which costs less than to let the client wait.
/// </summary>
internal sealed class RateQueue(double perSecond, int waitingMax, TimeSpan waitMax, TimeProvider clock)
{
    /// <summary>How much of an unused second may be made up for in one go.</summary>
    private const double BurstSeconds = 0.1;

    private readonly Lock _lock = new();
    private double _nextAt;
    private int _waiting;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <returns>False when the caller should refuse.</returns>
    public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        if (!TryTakePlace(out var wait))
        {
            return false;
        }

        if (wait > TimeSpan.Zero)
        {
            try
            {
                await Task.Delay(wait, clock, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        return true;
    }

    /// <summary>Each has its place on the time line, 1/rate after the one before.</summary>
    private bool TryTakePlace(out TimeSpan wait)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp() / (double)clock.TimestampFrequency;
            var at = Math.Max(_nextAt, now - BurstSeconds);
            wait = TimeSpan.FromSeconds(Math.Max(0, at - now));
            if (wait > waitMax || (wait > TimeSpan.Zero && _waiting >= waitingMax))
            {
                return false;
            }

            _nextAt = at + (1 / perSecond);
            _waiting += wait > TimeSpan.Zero ? 1 : 0;
            return true;
        }
    }
}
