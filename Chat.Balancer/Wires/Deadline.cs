using Chat.Wires;

namespace Chat.Balancer.Wires;

/// <summary>Bounds what one wire waits for, on the wire's loop. After <see cref="Clear"/> it does not fire. A loop that has ended has closed its wires: nothing is left to bound.</summary>
internal sealed class Deadline(WireLoop loop, Chat.Wires.Deadline deadline) : IDisposable
{
    public bool Expired => deadline.Expired;

    /// <summary>Counts from now on, whether it was set before or not.</summary>
    public void Set(TimeSpan after)
    {
        if (loop.IsCurrent)
        {
            deadline.Set(after);
        }
    }

    public void Clear()
    {
        if (loop.IsCurrent)
        {
            deadline.Clear();
        }
    }

    public void Dispose() => Clear();
}
