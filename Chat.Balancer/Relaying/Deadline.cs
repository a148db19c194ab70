using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>Bounds a wait on a wire: when the time is up, the wire's receive ends, and the waiter asks <see cref="Expired"/> why.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly Wire _wire;
    private readonly bool _aborts;
    private readonly ITimer _timer;
    private volatile bool _expired;

    /// <param name="aborts">Reset the wire instead of ending its receiving: for waits in which this side may be the one that sends.</param>
    public Deadline(Wire wire, TimeProvider clock, bool aborts = false)
    {
        (_wire, _aborts) = (wire, aborts);
        _timer = clock.CreateTimer(OnTime, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool Expired => _expired;

    public void Set(TimeSpan after) => _timer.Change(after, Timeout.InfiniteTimeSpan);

    public void Clear() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();

    private void OnTime(object? state)
    {
        _expired = true;
        if (_aborts)
        {
            _wire.Abort();
        }
        else
        {
            _wire.StopReceiving();
        }
    }
}
