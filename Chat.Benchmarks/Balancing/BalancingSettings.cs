namespace Chat.Benchmarks.Balancing;

/// <summary>What the scenarios of the balancer measure.</summary>
internal sealed record BalancingSettings
{
    public const string Usage = """
          balancer:  --members, --rate, --seconds, --warmup, --windows as above, and
          --tunnels N       idle tunnels (9000)         --handshakes N   in a window (3000)
          --fronts A,B      of Chat.Balancer, nginx, HAProxy, YARP (all); a --variant is one more of ours, "dll" another build of it
          --workers N       processes of nginx and threads of HAProxy (half the cores, as ours)
          evenness:
          --clients N       (3000)                      --watch N        seconds after each event, at most (60)
          --policies A,B    (all)                       --events A,B     of add, restart, kill (all)
          storm:     --seconds and --windows as above, and
          --crowd N         connections on 3 nodes (9000)
          --crowd-rate N    messages a second, each to ten (200)
          --write DIR       the docs folder: tables and plots go into its pages (they are only printed)
        """;

    public static readonly string[] AllPolicies = ["power-of-two", "least-connections", "round-robin", "hash"];

    public int Tunnels { get; init; } = 9000;

    public int Handshakes { get; init; } = 3000;

    public string[] Fronts { get; init; } = Front.Balancers;

    public int Workers { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    public int Clients { get; init; } = 3000;

    public int Watch { get; init; } = 60;

    public string[] Policies { get; init; } = AllPolicies;

    public string[] Events { get; init; } = EvennessCase.Events;

    public int Crowd { get; init; } = 9000;

    public int CrowdRate { get; init; } = 200;

    /// <summary>Null: nothing is written.</summary>
    public string? Docs { get; init; }

    /// <returns>Null when it is not understood.</returns>
    public BalancingSettings? With(string name, string value) => name switch
    {
        "--fronts" when value.Split(',') is var names && names.All(Front.Balancers.Contains) => this with { Fronts = names },
        "--policies" when value.Split(',') is var names && names.All(AllPolicies.Contains) => this with { Policies = names },
        "--events" when value.Split(',') is var names && names.All(EvennessCase.Events.Contains) => this with { Events = names },
        "--write" when Directory.Exists(value) => this with { Docs = value },
        _ => null,
    };

    /// <inheritdoc cref="With(string, string)"/>
    public BalancingSettings? With(string name, int number) => name switch
    {
        "--tunnels" => this with { Tunnels = number },
        "--handshakes" => this with { Handshakes = number },
        "--workers" => this with { Workers = number },
        "--clients" => this with { Clients = number },
        "--watch" => this with { Watch = number },
        "--crowd" => this with { Crowd = number },
        "--crowd-rate" => this with { CrowdRate = number },
        _ => null,
    };
}
