namespace Chat.Lab.Cluster;

/// <summary>What is started for one cell.</summary>
internal sealed record ClusterPlan
{
    public int Nodes { get; init; } = 3;

    /// <summary>The program that every node runs, a project that was built with the lab; null: Chat.Node, or Chat.Experiments where something is to be different.</summary>
    public string? NodeProgram { get; init; }

    /// <summary>The nodes deliver in another way than Chat.Node, or lack something that it has, or have a wrong clock.</summary>
    public bool IsExperiment => Strategy != "log" || Without.Any(protection => protection != Jitter) || ClockSkews.Count > 0;

    /// <summary>How far the wall clock of some nodes is ahead, by index.</summary>
    public IReadOnlyDictionary<int, TimeSpan> ClockSkews { get; init; } = new Dictionary<int, TimeSpan>();

    /// <summary>Decides whom the balancer puts where, and the jitter of every link.</summary>
    public int Seed { get; init; }

    public RedisServerKind Redis { get; init; } = RedisServerKind.Embedded;

    /// <summary><c>Chat:Delivery</c> of every node.</summary>
    public string Strategy { get; init; } = "log";

    /// <summary>More of every node's settings: <c>PingPeriod=00:00:02</c>, names under <c>Chat</c>, others with <c>--</c> before them.</summary>
    public IReadOnlyList<string> NodeSettings { get; init; } = [];

    /// <summary>Names under <c>Chat:Balancer</c>.</summary>
    public IReadOnlyList<string> BalancerSettings { get; init; } = [];

    /// <summary>The one protection that is the clients' and not the nodes'.</summary>
    public const string Jitter = "jitter";

    /// <summary>Protections taken away from every node: <c>gap-repair</c>.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>A fault proxy between clients and balancer, and between balancer and nodes. Without them much load costs less.</summary>
    public bool ClientLinks { get; init; } = true;
}
