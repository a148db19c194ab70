using System.IO.Hashing;
using System.Text;
using Chat.Balancer.Destinations;

namespace Chat.Balancer.Picking;

/// <summary>
/// A user's connections go to the same node for as long as it has room: rendezvous hashing, so that a node that comes or goes moves only
/// its own share, with a bound on how full the favourite may get.
/// </summary>
/// <param name="loadRatioMax">How many times the mean a node may hold before the next in the user's order is taken.</param>
internal sealed class BoundedHash(double loadRatioMax) : IPickPolicy
{
    public DestinationView Pick(ReadOnlySpan<DestinationView> candidates, PickKey key)
    {
        var user = key.Read();
        var (total, weights) = (0, 0.0);
        foreach (var candidate in candidates)
        {
            total += candidate.Connections;
            weights += candidate.Destination.Setting.Weight;
        }

        var bound = Math.Ceiling(loadRatioMax * (total + 1) / weights);
        DestinationView? best = null;
        var bestScore = 0UL;
        foreach (var candidate in candidates)
        {
            var score = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{candidate.Destination.Id}\n{user}"));
            if (candidate.Fullness < bound && (best is null || score > bestScore))
            {
                (best, bestScore) = (candidate, score);
            }
        }

        return best ?? candidates[0];
    }
}
