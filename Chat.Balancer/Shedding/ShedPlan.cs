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

        var each = loads.Sum(load => (double)load.Connections) / loads.Sum(load => load.Weight);
        Move[] wanted =
        [
            .. from load in loads
               let left = load.Connections - load.Asked
               let due = each * load.Weight
               let surplus = left - (int)Math.Ceiling(due)
               where left > due * limits.RatioMin && surplus >= limits.ConnectionsMin
               let batch = Math.Max(limits.ConnectionsMin, (int)(load.Connections * limits.BatchRatioMax)) - load.Asked
               where batch > 0
               select new Move(load.Node, Math.Min(surplus, batch)),
        ];
        return Bound(wanted, Room(loads, each));
    }

    /// <summary>What the others may take: up to what is due to them, as far as their slow start has come, less what is on its way to them.</summary>
    private static int Room(IReadOnlyList<NodeLoad> loads, double each) =>
        (int)loads.Sum(load => Math.Max(0, (each * load.Weight) - load.Connections) * load.Share) - loads.Sum(load => load.Asked);

    /// <summary>Each its part of the room, the fullest first.</summary>
    private static Move[] Bound(Move[] wanted, int room)
    {
        var total = wanted.Sum(move => move.Connections);
        if (total <= room)
        {
            return wanted;
        }

        var bounded = new List<Move>();
        foreach (var move in wanted.OrderByDescending(move => move.Connections))
        {
            var part = Math.Min(room, (int)Math.Ceiling((double)move.Connections * room / Math.Max(1, total)));
            if (part > 0)
            {
                bounded.Add(move with { Connections = part });
                (room, total) = (room - part, total - move.Connections);
            }
        }

        return [.. bounded];
    }
}

/// <param name="Share">0 to 1: how far its slow start has come.</param>
/// <param name="Weight">What is due to it, compared to the others.</param>
/// <param name="Asked">How many of its connections have been asked to move, by any balancer, and are still there.</param>
internal readonly record struct NodeLoad(string Node, int Connections, double Share = 1, int Asked = 0, double Weight = 1);

internal readonly record struct Move(string Node, int Connections);

/// <summary>See the options of the same names.</summary>
internal readonly record struct ShedLimits(double RatioMin, int ConnectionsMin, double BatchRatioMax);
