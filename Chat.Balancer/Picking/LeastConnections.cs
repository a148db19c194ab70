using Chat.Balancer.Destinations;

namespace Chat.Balancer.Picking;

/// <summary>The one with the fewest live connections for its weight; among equals, a random one, so that balancers do not march in step.</summary>
internal sealed class LeastConnections(Random random) : IPickPolicy
{
    public DestinationView Pick(ReadOnlySpan<DestinationView> candidates, PickKey key)
    {
        var start = random.Next(candidates.Length);
        var least = candidates[start];
        for (var i = 1; i < candidates.Length; i++)
        {
            var candidate = candidates[(start + i) % candidates.Length];
            if (candidate.Fullness < least.Fullness)
            {
                least = candidate;
            }
        }

        return least;
    }
}
