using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>Bounds a wait on a wire: when the time is up, the wire's receive ends, and the waiter asks <see cref="Expired"/> why.</summary>
/// <param name="aborts">Reset the wire instead of ending its receiving: for waits in which this side may be the one that sends.</param>
internal sealed class Deadline(Wire wire, TimeProvider clock, bool aborts = false) : IDisposable
{
    private ITimer? _timer;
    private volatile bool _expired;

    public bool Expired => _expired;

    public void Set(TimeSpan after)
    {
        _timer ??= clock.CreateTimer(OnTime, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    public void Clear() => _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer?.Dispose();

    private void OnTime(object? state)
    {
        _expired = true;
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
