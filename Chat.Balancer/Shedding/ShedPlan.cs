namespace Chat.Balancer.Shedding;

/// <summary>Who holds more than his share, and by how much: pure arithmetic over the counts of one moment.</summary>
internal static class ShedPlan
{
    /// <param name="loads">Of the nodes that take connections.</param>
    /// <returns>How many each should move now; nodes that need not move any are left out.</returns>
    public static IReadOnlyList<Move> Make(IReadOnlyList<NodeLoad> loads, ShedLimits limits)
    {
        if (loads.Count < 2)
        {
            return [];
        }

        var mean = loads.Average(load => (double)load.Connections);
        return
        [
            .. from load in loads
               let surplus = load.Connections - (int)Math.Ceiling(mean)
               where load.Connections > mean * limits.RatioMin && surplus >= limits.ConnectionsMin
               let batch = Math.Max(limits.ConnectionsMin, (int)(load.Connections * limits.BatchRatioMax))
               select new Move(load.Node, Math.Min(surplus, batch)),
        ];
    }
}

internal readonly record struct NodeLoad(string Node, int Connections);

internal readonly record struct Move(string Node, int Connections);

/// <summary>See the options of the same names.</summary>
internal readonly record struct ShedLimits(double RatioMin, int ConnectionsMin, double BatchRatioMax);
