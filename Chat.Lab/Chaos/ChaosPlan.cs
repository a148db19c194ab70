using System.Globalization;

namespace Chat.Lab.Chaos;

internal enum ChaosKind
{
    /// <summary>A node is killed, and started again.</summary>
    Kill,

    /// <summary>A node stands still.</summary>
    Pause,

    /// <summary>A node leaves as it should, and is started again.</summary>
    Drain,

    /// <summary>A node's connections to Redis are reset and refused.</summary>
    CutRedis,

    /// <summary>Nothing goes between a node and Redis, and neither is told.</summary>
    SilenceRedis,

    /// <summary>What a node says to Redis arrives; nothing comes back.</summary>
    DeafenToRedis,

    /// <summary>Redis is far away from a node.</summary>
    SlowRedis,

    /// <summary>The balancer cannot reach a node.</summary>
    CutClients,

    /// <summary>Nothing goes between balancer and node, and neither is told.</summary>
    SilenceClients,

    /// <summary>The balancer does not hear of nodes that come and go.</summary>
    BlindBalancer,

    /// <summary>Redis is killed, and started again with what it had written.</summary>
    KillRedis,
}

/// <param name="At">Seconds after the start of the load.</param>
/// <param name="Node">Whom it happens to, where it happens to a node.</param>
/// <param name="For">Seconds.</param>
internal sealed record ChaosFault(double At, ChaosKind Kind, int Node, double For)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At,5:0.0} s  {Kind} n{Node + 1} for {For:0.0} s");
}

/// <summary>What is broken when: all of it follows from the seed. On one node one thing happens after the other; on several, together.</summary>
internal sealed record ChaosPlan(int Seed, double Seconds, IReadOnlyList<ChaosFault> Faults)
{
    private const double PauseSecondsMin = 1;
    private const double PauseSecondsMax = 6;
    private const double FaultSecondsMin = 0.3;
    private const double FaultSecondsMax = 5;
    private const double RedisPauseSecondsMin = 8;

    private static readonly ChaosKind[] OnNodes = [.. Enum.GetValues<ChaosKind>().Where(kind => kind is not (ChaosKind.BlindBalancer or ChaosKind.KillRedis))];

    public static ChaosPlan Of(int seed, double seconds, int nodes)
    {
        var faults = new List<ChaosFault>();
        for (var node = 0; node < nodes; node++)
        {
            var random = Seeds.For(seed, string.Create(CultureInfo.InvariantCulture, $"chaos of node {node}"));
            Fill(faults, seconds, random, PauseSecondsMin, () => OnNodes[random.Next(OnNodes.Length)], node);
        }

        var others = Seeds.For(seed, "chaos of Redis and balancer");
        Fill(faults, seconds, others, RedisPauseSecondsMin, () => others.Next(2) == 0 ? ChaosKind.BlindBalancer : ChaosKind.KillRedis, node: 0);
        return new ChaosPlan(seed, seconds, [.. faults.OrderBy(fault => fault.At)]);
    }

    /// <summary>The same, of whose faults only those at these places happen.</summary>
    public ChaosPlan Only(IReadOnlyCollection<int> places) => this with { Faults = [.. places.Order().Select(place => Faults[place])] };

    private static void Fill(List<ChaosFault> faults, double seconds, Random random, double pauseMin, Func<ChaosKind> kind, int node)
    {
        for (var at = pauseMin + (random.NextDouble() * PauseSecondsMax); at < seconds; at += pauseMin + (random.NextDouble() * PauseSecondsMax))
        {
            var fault = new ChaosFault(at, kind(), node, FaultSecondsMin + (random.NextDouble() * (FaultSecondsMax - FaultSecondsMin)));
            faults.Add(fault);
            at += fault.For;
        }
    }
}
