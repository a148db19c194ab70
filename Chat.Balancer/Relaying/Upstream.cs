using Chat.Balancer.Destinations;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>A connection to a node that has had no byte of the request yet. Of one owner, who closes it or hands it on.</summary>
/// <param name="slot">Its place in the destination's count; null for what does not last.</param>
/// <param name="asked">When its connecting began, the clock's timestamp.</param>
/// <param name="reused">It has served another request: the node may have closed it by now.</param>
internal sealed class Upstream(Destination destination, Wire wire, long asked, Slot? slot = null, bool reused = false) : IDisposable
{
    public Destination Destination { get; } = destination;

    public Wire Wire { get; } = wire;

    public long Asked { get; } = asked;

    public bool Reused { get; } = reused;

    public void Dispose()
    {
        Wire.Dispose();
        slot?.Dispose();
    }
}

internal enum UpstreamUse
{
    Tunnel,

    /// <summary>One request on a new connection.</summary>
    Request,

    /// <summary>One request that a kept connection may serve.</summary>
    RequestOnAny,
}
