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

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss, Standard.Loss, Standard.AckedButLost];

    public override bool Suits(string strategy) => strategy != "local";

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break(keepData ? "Redis restarts" : "Redis restarts empty"))
        {
            if (keepData)
            {
                await trial.KeepAsync("before Redis was restarted");
                await RestartAsync();
            }
            else
            {
                await trial.LoseAsync(RestartAsync);
            }
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);

        Task RestartAsync() => trial.Cluster.RestartRedisAsync(TimeSpan.FromSeconds(AwaySeconds), keepData, cancellationToken);
    }
}

/// <summary>A replica that lacks the last writes takes over.</summary>
internal sealed class Failover : Experiment
{
    public override ExperimentSummary Summary => new(
        "failover", "F13", "A failover that lost the last writes", "a stale replica takes over",
        "The numbers fall back: new messages carry offsets that clients have seen before, and are taken for old ones.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.AckedButLost,
    ];

    public override bool Suits(string strategy) => strategy is "split" or "streams" or "log";

    public override ClusterPlan Plan(ClusterPlan plan) => plan with { Redis = RedisServerKind.RedisServer };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        await trial.KeepAsync("before the replica went deaf");
        var failOver = await trial.Cluster.PrepareFailoverAsync(cancellationToken);
        using (trial.Break("the replica is deaf"))
        {
            await trial.FlowAsync(cancellationToken);
        }

        using (trial.Break("failover"))
        {
            await trial.LoseAsync(failOver);
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }
}

/// <summary>A node's subscription is dead, and every socket looks alive.</summary>
internal sealed class DeafSubscription : Experiment
{
    private const double DeafSeconds = 12;
    private const string LongestWait = "longest wait for a message";

    /// <summary>Four seconds without a canary, a look at it, a new subscription and a read.</summary>
    private const double LongestWaitMax = 6;

    public override ExperimentSummary Summary => new(
        "deaf-subscription", "F08", "A subscription that is dead and looks alive", "node–Redis subscription black hole",
        "Publishes succeed, health is green, nothing is delivered. Only a node that sends itself something finds out.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        new Quantity(LongestWait, "s", LongestWaitSeconds),
    ];

    public override bool Suits(string strategy) => strategy is not ("local" or "streams");

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Victim;
        using (trial.Break($"{node.Id} is deaf", node.Id))
        {
            if (node.Redis.Deafen() == 0)
            {
                throw new InvalidOperationException($"Nothing was made deaf: {node.Id} has no subscription.");
            }

            await Trial.FlowAsync(DeafSeconds, cancellationToken);
        }

        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
        [Promise.AtMost(PromiseKind.Latency, LongestWait, LongestWaitSeconds(outcome), "s", LongestWaitMax + Bounds.SlackSeconds)];

    private static double LongestWaitSeconds(Outcome outcome) => Outcome.Percentile(outcome.Findings.DelaysMs, 1) / 1000;
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
        Standard.Inversions,
        Standard.UnnoticedLoss,
    ];

    public override bool Suits(string strategy) => strategy != "local";

    public override Load Load(LabParameters parameters) => new(parameters.Clients, 1, 100);

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var node = trial.Victim;
        using (trial.Break($"{node.Id} hears late", node.Id))
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
