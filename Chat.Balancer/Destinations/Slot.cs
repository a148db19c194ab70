namespace Chat.Balancer.Destinations;

/// <summary>
/// One connection's place in its destination's count, from before the destination is reached until the connection's end. Handed along with
/// the connection: whoever holds it last disposes it, and only the first time counts.
/// </summary>
internal sealed class Slot(Destination destination) : IDisposable
{
    private Destination? _destination = destination;

    public void Dispose() => Interlocked.Exchange(ref _destination, null)?.Leave(this);
}
