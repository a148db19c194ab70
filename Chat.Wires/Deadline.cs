using Chat.Wires.Timing;

namespace Chat.Wires;

/// <summary>Bounds what one wire waits for. Of the wire's loop alone: after <see cref="Clear"/> it does not fire.</summary>
public sealed class Deadline : IDisposable
{
    private readonly Wire _wire;
    private readonly bool _aborts;
    private readonly LoopTimer _timer;

    /// <param name="aborts">Reset the wire instead of ending its receiving: for waits in which this side is the one that sends.</param>
    internal Deadline(WireLoop loop, Wire wire, bool aborts)
    {
        (_wire, _aborts) = (wire, aborts);
        _timer = new LoopTimer(loop, OnTime);
    }

    public bool Expired { get; private set; }

    /// <summary>Counts from now on, whether it was set before or not.</summary>
    public void Set(TimeSpan after) => _timer.Set(after);

    public void Clear() => _timer.Clear();

    public void Dispose() => Clear();

    private void OnTime()
    {
        Expired = true;
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
