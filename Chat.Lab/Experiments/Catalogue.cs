using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>All experiments, in the order of the matrix.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new DirectMessage(),
        new TwoOrders(),
        new RedisCut(0.1),
        new RedisCut(1),
        new RedisCut(5),
        new RedisCut(30),
        new RedisCut(3, all: true),
        new RedisSilence(),
        new RedisSlow(),
        new RedisRestart(keepData: true),
        new RedisKill(),
        new RedisRestart(keepData: false),
        new Failover(),
        new DeafSubscription(),
        new NodeKill(),
        new NodePause(),
        new Deploy(all: false),
        new Deploy(all: true),
        new NodeDeath(),
        new HalfOpen(),
        new ReconnectStorm(),
        new ScaleOut(),
        new BalancerRestart(),
        new AckLost(),
        new JoinSeam(),
        new HotRoom(),
        new Flood(),
        new SlowReaders(),
        new ClockSkew(),
        new RateLimit(),
        new TokenExpiry(),
    ];

    /// <summary>Fast ones that between them touch every promise: what runs at each change, after the mutants, whose control is the cell in which nothing is broken.</summary>
    public static IReadOnlyList<string> Subset { get; } =
    [
        "redis-cut-5s", "redis-restart", "failover", "deaf-subscription", "node-kill", "drain", "node-death", "reconnect-storm", "ack-lost", "join-seam", "slow-reader",
    ];

    public static LabCatalogue Names { get; } = new(
        [.. All.Select(experiment => experiment.Summary)],
        ["local", "local-first", "pubsub", "split", "streams", "log"],
        [.. Protection.All.Select(protection => protection.Name)],
        new Dictionary<string, IReadOnlyList<string>> { ["ci"] = Subset });

    public static Experiment Named(string id) => All.Single(experiment => experiment.Summary.Id == id);
}
