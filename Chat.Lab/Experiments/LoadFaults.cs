using System.Globalization;
using Chat.Lab.Checking;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Lab.Results;
using Chat.Protocol;

namespace Chat.Lab.Experiments;

/// <summary>The cluster grows under its connections.</summary>
internal sealed class ScaleOut : Experiment
{
    private const int ClientsCount = 200;
    private const double Even = 1.15;

    public override ExperimentSummary Summary => new(
        "scale-out", "F32", "Two nodes become four", "two nodes added",
        "New nodes stay empty for as long as sockets live, unless somebody moves some of them.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.Noted("connections max/mean, after", "×"),
        Standard.Noted("connections max/mean, at first", "×"),
        Standard.Noted("even after", "s"),
        Standard.UnnoticedLoss,
    ];

    public override bool Suits(string strategy) => strategy is "pubsub" or "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { Nodes = 2, ClientLinks = false };

    public override Load Load(LabParameters parameters) => new(ClientsCount, ClientsCount / 10, 40);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break("two more nodes"))
        {
            await Task.WhenAll(trial.Cluster.AddNodeAsync(cancellationToken), trial.Cluster.AddNodeAsync(cancellationToken));
            var addedAt = trial.Clock.Now;
            trial.Note("nodes at the end", trial.Cluster.Nodes.Count);
            trial.Note("connections max/mean, at first", MaxOverMean(trial));
            await Trial.WaitAsync(() => Task.FromResult(MaxOverMean(trial) <= Even), $"max/mean is {Even}", cancellationToken);
            trial.Note("even after", trial.Clock.Now - addedAt);
        }

        await trial.FlowAsync(cancellationToken);
        trial.Note("connections max/mean, after", MaxOverMean(trial));
    }

    private static double MaxOverMean(Trial trial)
    {
        var counts = trial.Crowd.ByNode().Where(node => node.Key is not null).Select(node => node.Count()).ToArray();
        return counts.Length == 0 ? double.PositiveInfinity : counts.Max() / ((double)counts.Sum() / trial.Cluster.Nodes.Count);
    }
}

/// <summary>The one thing that every connection goes through.</summary>
internal sealed class BalancerRestart : Experiment
{
    private const double GapSecondsMax = 10;

    public override ExperimentSummary Summary => new(
        "balancer-restart", "F35", "The balancer dies and starts again", "balancer SIGKILL, started at once",
        "All connections end at the same moment; nothing acked is lost, and everybody is back within seconds.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.GapP99,
    ];

    public override IEnumerable<Promise> Judge(Outcome outcome) => [Standard.BackWithin(outcome, GapSecondsMax)];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break("balancer killed"))
        {
            await trial.Cluster.Balancer.KillAsync();
            await trial.Cluster.Balancer.StartAsync();
            await trial.Cluster.Balancer.WaitNodesAsync(trial.Cluster.Nodes.Count, cancellationToken);
        }

        await trial.FlowAsync(cancellationToken);
    }
}

/// <summary>People come into a room while much is written in it.</summary>
internal sealed class JoinSeam : Experiment
{
    private const int Joiners = 60;
    private const double Rate = 500;

    public override ExperimentSummary Summary => new(
        "join-seam", "F23", "Joins while messages flow", "60 joins at 500 messages/s",
        "History and live messages come from two places; what is written between the two looks is missing or doubled.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        // Without numbers a hole cannot be seen, not even by the one who has it.
        new Quantity("holes at the seam", "times", outcome => outcome.Setting.Strategy is "pubsub" or "local-first"
            ? double.NaN
            : outcome.Findings.Count(AnomalyKind.WireHole) + outcome.Findings.Count(AnomalyKind.Skipped)),
        Standard.UnnoticedLoss,
        Standard.Duplicates,
    ];

    public override bool Suits(string strategy) => strategy != "local";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { ClientLinks = false };

    public override Load Load(LabParameters parameters) => new(6, 1, Rate);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var room = trial.Setting.Load.RoomOf(0);
        using (trial.Break($"{Joiners} joins"))
        {
            for (var i = 0; i < Joiners; i++)
            {
                await trial.Crowd.Add(string.Create(CultureInfo.InvariantCulture, $"joiner-{i}")).JoinAsync(room, cancellationToken);
                await Trial.FlowAsync(trial.Random.NextDouble() * 0.05, cancellationToken);
            }
        }

        await trial.FlowAsync(cancellationToken);
    }
}

/// <summary>One room with a thousand members.</summary>
internal sealed class HotRoom : Experiment
{
    private const int Members = 1000;

    public override ExperimentSummary Summary => new(
        "hot-room", "F43", "A room of 1,000", "nothing is broken",
        "One message is a thousand deliveries: what is done for each member is done a thousand times.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.DeliveryP99,
    ];

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { ClientLinks = false };

    public override Load Load(LabParameters parameters) => new(Members, 1, 8);

    public override Task RunAsync(Trial trial, CancellationToken cancellationToken) => Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
}

/// <summary>Long messages as fast as they go, in one room.</summary>
internal sealed class Flood : Experiment
{
    private const int Bytes = 4 * 1024;

    public override ExperimentSummary Summary => new(
        "flood", "F44", "A flood of 4 KiB messages into one room", "400 messages/s of 4 KiB in one room",
        "Each byte in is N × members bytes out; the queues of those who keep up stay short.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.DeliveryP99,
    ];

    public override bool Suits(string strategy) => strategy != "local";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { ClientLinks = false };

    public override Load Load(LabParameters parameters) => new(12, 1, 400, Bytes);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        using (trial.Break("flood"))
        {
            await Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
        }
    }
}

/// <summary>A few members do not read.</summary>
internal sealed class SlowReaders : Experiment
{
    private const int Members = 100;
    private const int Bytes = 2 * 1024;
    private const int QueueBytes = 32 * 1024;

    /// <summary>Beside what the same members waited before, on the same machine.</summary>
    private const double OthersP99RatioMax = 3;
    private const double OthersP99MsMax = 250;
    private const string OthersP99 = "delivery to the others, p99";
    private const string OthersRatio = "delivery to the others, p99, beside before";
    private const string SlowUser = "slow";
    private const string Closed = "closed with 4001";
    private const string ClosesAreLogged = "--Logging:LogLevel:Chat.Node.Connections.ConnectionHost=Debug";

    public override ExperimentSummary Summary => new(
        "slow-reader", "F42", "One member in a hundred does not read", "node–client one-way, one of 100",
        "The others must not wait for it; its queue fills, it is closed with 4001, and when it is back it lacks nothing that can be read.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.Noted(Closed, "clients"),
        new Quantity(OthersP99, "ms", OthersP99Ms),
        new Quantity(OthersRatio, "×", OthersP99Ratio),
    ];

    public override bool Suits(string strategy) => strategy != "local";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with
    {
        ClientLinks = false,
        NodeSettings = [.. plan.NodeSettings, $"OutboundBytesMax={QueueBytes}", $"SystemBytesMax={QueueBytes}", ClosesAreLogged],
    };

    public override Load Load(LabParameters parameters) => new(Members, 1, 50, Bytes);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var slow = trial.Crowd.Add(SlowUser, ownLink: true, url: trial.Cluster.Nodes[0].DirectUrl, change: options => options with
        {
            // It is there and does not read: a phone in a tunnel.
            ConnectTimeout = TimeSpan.FromSeconds(30),
            SilenceSlack = TimeSpan.FromMinutes(1),
        });
        await slow.JoinAsync(trial.Setting.Load.RoomOf(0), cancellationToken);
        await trial.FlowAsync(cancellationToken);
        using (trial.Break("one member does not read", SlowUser))
        {
            slow.Link!.Set(Fault.BlackHoleFromTarget);
            await Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
            slow.Link.Set(Fault.Pass);
        }

        await trial.FlowAsync(cancellationToken);
        await Trial.WaitAsync(() => Task.FromResult(slow.Node is not null), "the slow one is back", cancellationToken);
        trial.Note(Closed, ClosedAsSlow(trial) ? 1 : 0);
    }

    /// <summary>Either is enough: a quiet machine has the bound, a busy one the comparison with itself.</summary>
    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.Reaches(PromiseKind.Bounded, Closed, outcome.Number(Closed), "clients", 1),
        OthersP99Ms(outcome) <= OthersP99MsMax
            ? Promise.AtMost(PromiseKind.Bounded, OthersP99, OthersP99Ms(outcome), "ms", OthersP99MsMax)
            : Promise.AtMost(PromiseKind.Bounded, OthersRatio, OthersP99Ratio(outcome), "×", OthersP99RatioMax),
    ];

    private static double OthersP99Ms(Outcome outcome) => OthersP99MsOf(outcome, during: true);

    private static double OthersP99Ratio(Outcome outcome) => OthersP99MsOf(outcome, during: true) / OthersP99MsOf(outcome, during: false);

    private static double OthersP99MsOf(Outcome outcome, bool during)
    {
        var fault = outcome.Faults[0];
        return Outcome.Percentile(
            [
                .. outcome.Findings.Delivered
                    .Where(delivery => delivery.Receiver != SlowUser && (during ? delivery.SentAt >= fault.From && delivery.SentAt < fault.To : delivery.SentAt < fault.From))
                    .Select(delivery => delivery.DelayMs).Order(),
            ],
            0.99);
    }

    // The node says it: the close frame itself stays behind in a link that brings nothing.
    private static bool ClosedAsSlow(Trial trial) => trial.Cluster.Nodes[0].Output
        .Contains($"of {SlowUser} closed with {(int)CloseCode.SlowConsumer}", StringComparison.Ordinal);
}

/// <summary>Nodes that do not agree on the time.</summary>
internal sealed class ClockSkew : Experiment
{
    public override ExperimentSummary Summary => new(
        "clock-skew", "F24", "Clocks that are 5 s off, either way", "node clocks +5 s and −5 s",
        "Whoever sorts by time shows answers above questions; an order that comes from Redis has no clock in it.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.Inversions,
        new Quantity("neighbours whose times run backwards", "%", outcome => 100 * Backwards(outcome)),
        Standard.UnnoticedLoss,
    ];

    public override bool Suits(string strategy) => strategy is "pubsub" or "streams" or "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with
    {
        ClockSkews = new Dictionary<int, TimeSpan> { [0] = TimeSpan.FromSeconds(5), [1] = TimeSpan.FromSeconds(-5) },
    };

    public override Task RunAsync(Trial trial, CancellationToken cancellationToken) => Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);

    private static double Backwards(Outcome outcome)
    {
        var pairs = outcome.Evidence.Clients.SelectMany(client => client.Rooms)
            .SelectMany(room => room.Shown.Zip(room.Shown.Skip(1), (former, latter) => string.CompareOrdinal(former.Stamp, latter.Stamp) > 0)).ToArray();
        return pairs.Length == 0 ? 0 : pairs.Count(backwards => backwards) / (double)pairs.Length;
    }
}
