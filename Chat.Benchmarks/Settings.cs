using System.Globalization;
using Chat.Benchmarks.Balancing;

namespace Chat.Benchmarks;

/// <summary>What to measure, and how long.</summary>
internal sealed record Settings
{
    public const string Usage = $"""
        Chat.Benchmarks room|rooms|idle|slow|all|balancer|evenness|storm|wires
          --seconds N       of each measured window (10)
          --warmup N        seconds of the same load before, for each server (10)
          --windows N       measured windows, servers by turns (3)
          --nodes N         (2)
          --members N       of the one room (1000)      --rate N         messages a second in the one room (30)
          --rooms N         of the many rooms (400)     --rooms-rate N   messages a second over all of them (2000)
          --room-members N  in each of them (5)         --idle N         idle connections (8000)
          --embedded        the embedded Redis instead of redis-server from the PATH
          --against A,B     what to compare with: floor, signalr, nchan (none)
          --variant NAME:KEY=VALUE;KEY=VALUE   one more set of nodes, with these environment variables; the key "dll" names
                            another build of Chat.Node, and keys that begin with Chat: are options. May be repeated
        {BalancingSettings.Usage}
          wires:     --members and --windows as above, and
          --fanouts N       in each window (300)
        """;

    /// <summary>Of the nodes; and those of the balancer.</summary>
    public static readonly string[] Scenarios = ["room", "rooms", "idle", "slow"];
    public static readonly string[] BalancerScenarios = ["balancer", "evenness", "storm"];

    /// <summary>Of the loops that own sockets.</summary>
    public static readonly string[] WireScenarios = ["wires"];
    private static readonly string[] Rivals = ["floor", "signalr", "nchan"];

    public required string[] Chosen { get; init; }

    public int Seconds { get; init; } = 10;

    public int Warmup { get; init; } = 10;

    public int Windows { get; init; } = 3;

    public int Nodes { get; init; } = 2;

    public int Members { get; init; } = 1000;

    public int Rate { get; init; } = 30;

    public int Rooms { get; init; } = 400;

    public int RoomMembers { get; init; } = 5;

    public int RoomsRate { get; init; } = 2000;

    public int Idle { get; init; } = 8000;

    public int FanOuts { get; init; } = 300;

    public bool Embedded { get; init; }

    public string[] Against { get; init; } = [];

    public Variant[] Variants { get; init; } = [];

    public BalancingSettings Balancing { get; init; } = new();

    /// <returns>Null when the arguments make no sense.</returns>
    public static Settings? Parse(string[] args, out string problem)
    {
        problem = $"Name a scenario: {string.Join(", ", [.. Scenarios, .. BalancerScenarios, .. WireScenarios])} or all.";
        if (args.Length == 0 || (args[0] != "all" && !Scenarios.Contains(args[0]) && !BalancerScenarios.Contains(args[0]) && !WireScenarios.Contains(args[0])))
        {
            return null;
        }

        var settings = new Settings { Chosen = args[0] == "all" ? Scenarios : [args[0]] };
        for (var i = 1; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var next = args[i] is "--embedded" ? settings with { Embedded = true }
                : args[i] is "--redis-server" ? settings with { Embedded = false }
                : settings.With(args[i], value);
            if (next is null)
            {
                problem = $"Not understood: {args[i]} {value}";
                return null;
            }

            settings = next;
            i += args[i] is "--embedded" or "--redis-server" ? 0 : 1;
        }

        return settings;
    }

    private Settings? With(string name, string value) => name switch
    {
        "--against" when value.Split(',') is var names && names.All(Rivals.Contains) => this with { Against = names },
        "--variant" when Variant.Parse(value) is { } variant => this with { Variants = [.. Variants, variant] },
        _ when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 => With(name, number),
        _ when Balancing.With(name, value) is { } balancing => this with { Balancing = balancing },
        _ => null,
    };

    private Settings? With(string name, int number) => name switch
    {
        "--seconds" => this with { Seconds = number },
        "--warmup" => this with { Warmup = number },
        "--windows" => this with { Windows = number },
        "--nodes" => this with { Nodes = number },
        "--members" => this with { Members = number },
        "--rate" => this with { Rate = number },
        "--rooms" => this with { Rooms = number },
        "--room-members" => this with { RoomMembers = number },
        "--rooms-rate" => this with { RoomsRate = number },
        "--idle" => this with { Idle = number },
        "--fanouts" => this with { FanOuts = number },
        _ when Balancing.With(name, number) is { } balancing => this with { Balancing = balancing },
        _ => null,
    };
}

/// <summary>Nodes that differ in something from the default.</summary>
/// <param name="Dll">Another build of Chat.Node; null for the one built with this program.</param>
internal sealed record Variant(string Name, string? Dll, (string Name, string Value)[] Environment, string[] Arguments)
{
    public static readonly Variant Default = new("chat", null, [], []);

    public static Variant? Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0)
        {
            return null;
        }

        var pairs = text[(colon + 1)..].Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToArray();
        return pairs.Any(pair => pair.Length != 2) ? null : new Variant(
            text[..colon],
            pairs.FirstOrDefault(pair => pair[0] == "dll")?[1],
            [.. pairs.Where(pair => pair[0] != "dll" && !pair[0].StartsWith("Chat:", StringComparison.Ordinal)).Select(pair => (pair[0], pair[1]))],
            [.. pairs.Where(pair => pair[0].StartsWith("Chat:", StringComparison.Ordinal)).Select(pair => $"--{pair[0]}={pair[1]}")]);
    }
}
