using Chat.Lab.Cluster;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>Redis ends and comes back, with its data or without.</summary>
internal sealed class RedisRestart(bool keepData) : Experiment
{
    private const double AwaySeconds = 1;

    public override ExperimentSummary Summary => keepData
        ? new("redis-restart", "F09", "Redis restarts and keeps its data", "Redis SIGTERM, 1 s, same data", "Sends are refused meanwhile and come again; whoever keeps a log misses nothing.")
        : new("redis-wipe", "F13", "Redis restarts empty", "Redis SIGTERM, 1 s, no data", "The counters start anew: without an epoch the clients think that they have it all already.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss(Predict), Standard.Loss(), Standard.AckedButLost()];

    public override bool RedisKeepsData => keepData;

    public override bool Suits(string strategy) => strategy != "local";

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break(keepData ? "Redis restarts" : "Redis restarts empty"))
        {
            await trial.Cluster.RestartRedisAsync(TimeSpan.FromSeconds(AwaySeconds), keepData, cancellationToken);
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<string> Judge(Outcome outcome) => keepData ? [] : Untold.Of(outcome);

    private Guess? Predict(Setting setting) => setting.Strategy switch
    {
        "log" => Predictions.Nothing(keepData ? "the log has what was missed" : "a new epoch tells everybody"),
        "streams" when keepData => Predictions.Nothing("the stream has what was missed"),
        "pubsub" => new Guess(2, 5, "what is published before every node has subscribed again"),
        "local-first" => Predictions.During(
            AwaySeconds + Predictions.RedisReconnectSeconds + 1, (0.75 * setting.Parameters.Seconds) + AwaySeconds + Predictions.TailSeconds,
            Predictions.Crossing(setting), "the time away, and all deliveries that cross nodes"),
        "split" when keepData => Predictions.Nothing("the numbers show the hole"),
        _ => null,
    };
}

/// <summary>A replica that lacks the last writes takes over.</summary>
internal sealed class Failover : Experiment
{
    public override ExperimentSummary Summary => new(
        "failover", "F13", "A failover that lost the last writes", "a stale replica takes over",
        "The numbers fall back: new messages carry offsets that clients have seen before, and are taken for old ones.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss(setting => setting.Strategy == "log" ? Predictions.Nothing("a lower offset than delivered starts a new epoch") : null),
        Standard.Loss(),
        Standard.AckedButLost(setting => setting.Strategy is "log" or "streams"
            ? new Guess(setting.Load.MessagesPerSecond * setting.Parameters.Seconds / 4, setting.Load.MessagesPerSecond * setting.Parameters.Seconds / 5, "what was written after the replica went deaf")
            : null),
    ];

    public override bool RedisKeepsData => false;

    public override bool Suits(string strategy) => strategy is "split" or "streams" or "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { Redis = RedisServerKind.RedisServer };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var failOver = await trial.Cluster.PrepareFailoverAsync(cancellationToken);
        using (trial.Break("the replica is deaf"))
        {
            await trial.FlowAsync(cancellationToken);
        }

        using (trial.Break("failover"))
        {
            await failOver();
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<string> Judge(Outcome outcome) => Untold.Of(outcome);
}

/// <summary>Where Redis lost what was acked, every member of the room is told, whether the message was shown to him or not.</summary>
internal static class Untold
{
    public static IEnumerable<string> Of(Outcome outcome)
    {
        if (outcome.Evidence.History is not { } history)
        {
            return [];
        }

        var (from, to) = (outcome.Faults.Min(fault => fault.From), outcome.Faults.Max(fault => fault.To));
        var lost = (
            from client in outcome.Evidence.Clients
            from message in client.Sent
            where message.AckedAt < outcome.Evidence.HistoryAt && !history[message.Room].Contains((client.User, message.Id))
            select message).ToArray();
        var rooms = lost.Select(message => message.Room).ToHashSet();
        var untold = outcome.Evidence.Clients.Count(client => client.Present && client.Rooms.Any(
            view => rooms.Contains(view.Room) && view.JoinedAt is not null && !view.Told.Any(told => told.At >= from)));
        var later = lost.Count(message => message.SentAt > to);
        (int Count, string Promise)[] broken =
        [
            (untold, $"faults are visible: {untold} clients were not told that their room lost messages"),
            (later, $"acked means stored: {later} messages sent after Redis was back, acked, are nowhere"),
        ];
        return broken.Where(promise => promise.Count > 0).Select(promise => promise.Promise);
    }
}

/// <summary>A node's subscription is dead, and every socket looks alive.</summary>
internal sealed class DeafSubscription : Experiment
{
    private const double DeafSeconds = 12;

    public override ExperimentSummary Summary => new(
        "deaf-subscription", "F08", "A subscription that is dead and looks alive", "node–Redis subscription black hole",
        "Publishes succeed, health is green, nothing is delivered. Only a node that sends itself something finds out.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss(setting => setting.Strategy switch
        {
            "log" => Predictions.Nothing("the canary is missed, the subscription made anew, the hole read from the log"),
            "pubsub" => Predictions.During(
                DeafSeconds + (setting.Parameters.Seconds / 4), DeafSeconds + (0.5 * setting.Parameters.Seconds) + Predictions.TailSeconds, 1.0 / setting.Plan.Nodes, "all of the time since, and 1/N of all deliveries"),
            "local-first" => Predictions.During(
                DeafSeconds + (setting.Parameters.Seconds / 4), DeafSeconds + (0.5 * setting.Parameters.Seconds) + Predictions.TailSeconds, Predictions.Crossing(setting) / setting.Plan.Nodes, "all of the time since, and 1/N of what other nodes publish"),
            _ => null,
        }),
        new Quantity("longest wait for a message", "s", outcome => Outcome.Percentile(outcome.Findings.DelaysMs, 1) / 1000, setting => setting.Strategy == "log"
            ? new Guess(5, 2, "four seconds without a canary, then a new subscription and a read")
            : null),
    ];

    public override bool Suits(string strategy) => strategy is not ("local" or "streams");

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Cluster.Nodes[trial.Random.Next(trial.Cluster.Nodes.Count)];
        using (trial.Break($"{node.Id} is deaf"))
        {
            if (node.Redis.Deafen() == 0)
            {
                throw new InvalidOperationException($"Nothing was made deaf: {node.Id} has no subscription.");
            }

            await Trial.FlowAsync(DeafSeconds, cancellationToken);
        }

        await trial.FlowAsync(cancellationToken);
    }
}

/// <summary>One node hears from Redis later than the others.</summary>
internal sealed class TwoOrders : Experiment
{
    private static readonly FaultStrengthMs Slow = new(Delay: 30, Jitter: 15);

    public override ExperimentSummary Summary => new(
        "two-orders", "F19", "Many write at once, and one node is slow to hear", "node–Redis delayed 30 ± 15 ms, one",
        "Who delivers at home first shows his own message before one that was there earlier: two nodes, two orders.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.Inversions(setting => setting.Strategy switch
        {
            "local" or "local-first" => null,
            "split" => null,
            _ => Predictions.Nothing("one order, made in Redis"),
        }),
        Standard.UnnoticedLoss(setting => setting.Strategy == "local" ? Baseline.Unnoticed(setting) : Predictions.Nothing("nothing is cut")),
    ];

    public override bool Suits(string strategy) => strategy != "local";

    public override Load Load(LabParameters parameters) => new(parameters.Clients, 1, 100);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var node = trial.Cluster.Nodes[trial.Random.Next(trial.Cluster.Nodes.Count)];
        using (trial.Break($"{node.Id} hears late"))
        {
            node.Redis.Set(Faults.Fault.Delay, Slow.Strength);
            await Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
        }
    }

    private sealed record FaultStrengthMs(double Delay, double Jitter)
    {
        public Faults.FaultStrength Strength => new(TimeSpan.FromMilliseconds(Delay), TimeSpan.FromMilliseconds(Jitter));
    }
}
