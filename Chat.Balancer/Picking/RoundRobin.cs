using Chat.Balancer.Destinations;

namespace Chat.Balancer.Picking;

/// <summary>Each in turn, however many connections it holds.</summary>
internal sealed class RoundRobin : IPickPolicy
{
    private uint _next;

    public DestinationView Pick(ReadOnlySpan<DestinationView> candidates, PickKey key) =>
        candidates[(int)(Interlocked.Increment(ref _next) % (uint)candidates.Length)];
}
