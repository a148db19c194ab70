using Chat.Balancer.Destinations;

namespace Chat.Balancer.Picking;

/// <summary>
/// The emptier of two random ones: nearly as even as the least of all, and when the counts are old, as those of other balancers are,
/// it does not send everybody to the same node.
/// </summary>
internal sealed class PowerOfTwo(Random random) : IPickPolicy
{
    public DestinationView Pick(ReadOnlySpan<DestinationView> candidates, PickKey key)
    {
        if (candidates.Length == 1)
        {
            return candidates[0];
        }

        var first = random.Next(candidates.Length);
        var second = random.Next(candidates.Length - 1);
        second += second >= first ? 1 : 0;
        return candidates[second].Fullness < candidates[first].Fullness ? candidates[second] : candidates[first];
    }
}
