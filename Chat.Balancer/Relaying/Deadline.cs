using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>Bounds a wait on a wire: when the time is up, the wire's receive ends, and the waiter asks <see cref="Expired"/> why.</summary>
/// <param name="aborts">Reset the wire instead of ending its receiving: for waits in which this side may be the one that sends.</param>
internal sealed class Deadline(Wire wire, TimeProvider clock, bool aborts = false) : IDisposable
{
    private const int Pending = 0;
    private const int Fired = 1;
    private const int Retired = 2;

    private ITimer? _timer;
    private int _state;

    public bool Expired => Volatile.Read(ref _state) == Fired;

    public void Set(TimeSpan after)
    {
        _timer ??= clock.CreateTimer(OnTime, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    public void Clear() => _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <returns>True when it has not touched the wire and never will: the wire may go to somebody else.</returns>
    public bool TryRetire() => Interlocked.CompareExchange(ref _state, Retired, Pending) == Pending;

    public void Dispose() => _timer?.Dispose();

    private void OnTime(object? state)
    {
        if (Interlocked.CompareExchange(ref _state, Fired, Pending) == Retired)
        {
            return;
        }

        if (aborts)
        {
            wire.Abort();
        }
        else
        {
            wire.StopReceiving();
        }
    }
}
