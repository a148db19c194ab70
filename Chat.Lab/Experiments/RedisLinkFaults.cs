using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>The way from one node to Redis goes silent: nothing is refused, nothing answers.</summary>
internal sealed class RedisSilence : Experiment
{
    private const double Seconds = 10;
    private const string Told = "on a node without Redis, and told that it is degraded";
    private const string ReadyAllTheSame = "nodes without Redis that say that they are ready";

    public override ExperimentSummary Summary => new(
        "redis-silence", "F14", "One node hears nothing from Redis for 10 s", "node–Redis black hole, one, 10 s",
        "A cut that refuses is the kindest: here every call waits for its deadline, and whoever has none waits for ever.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss, Standard.Loss, Standard.AckedButLost, Standard.Noted(Told, "%")];

    public override bool Suits(string strategy) => strategy != "local";

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Victim;
        using (trial.Break($"{node.Id} hears nothing from Redis", node.Id))
        {
            var (cutAt, people) = (trial.Clock.Now, trial.Crowd.ByNode()[node.Id].ToArray());
            node.Redis.Set(Fault.BlackHole);
            await Trial.FlowAsync(Seconds, cancellationToken);
            trial.Note(ReadyAllTheSame, await node.IsReadyAsync() ? 1 : 0);
            trial.Note(Told, people.Length == 0 ? 100 : 100.0 * people.Count(client => client.Record().Statuses.Any(status => status.Degraded && status.At >= cutAt)) / people.Length);
            node.Redis.Set(Fault.Pass);
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.Reaches(PromiseKind.FaultsAreTold, Told, outcome.Number(Told), "%", 100),
        Promise.AtMost(PromiseKind.FaultsAreTold, ReadyAllTheSame, outcome.Number(ReadyAllTheSame), "nodes", 0),
    ];
}

/// <summary>Redis answers, and takes its time.</summary>
internal sealed class RedisSlow : Experiment
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(50);
    private const double WithinMsMax = 1000;
    private const string Median = "delivery while it is slow, p50";

    public override ExperimentSummary Summary => new(
        "redis-slow", "F09", "Redis is 50 ms away", "node–Redis delayed 50 ms each way, all",
        "Everything takes two ways longer, and nothing else happens: no lease runs out, no canary is missed, nobody is told of anything.");

    public override IReadOnlyList<Quantity> Quantities => [new Quantity(Median, "ms", outcome => Of(outcome, 0.5)), Standard.UnnoticedLoss];

    public override bool Suits(string strategy) => strategy != "local";

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break("Redis is slow"))
        {
            foreach (var node in trial.Cluster.Nodes)
            {
                node.Redis.Set(Fault.Delay, Late);
            }

            await Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
            foreach (var node in trial.Cluster.Nodes)
            {
                node.Redis.Set(Fault.Pass);
            }
        }

        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.AtMost(PromiseKind.Latency, "delivery while it is slow, p99", Of(outcome, 0.99), "ms", WithinMsMax),
        Promise.AtMost(
            PromiseKind.NoFalseAlarm, "clients told that a node is degraded that is only slow", outcome.Evidence.Clients.Count(client => client.Statuses.Any(status => status.Degraded)), "clients", 0),
    ];

    private static double Of(Outcome outcome, double share) => Outcome.Percentile(
        [.. outcome.Findings.Delivered.Where(delivery => outcome.Faults.Any(fault => fault.From <= delivery.SentAt && delivery.SentAt <= fault.To)).Select(delivery => delivery.DelayMs).Order()], share);
}

/// <summary>Redis ends without a word and comes back with what it had written.</summary>
internal sealed class RedisKill : Experiment
{
    private const double AwaySeconds = 1;

    public override ExperimentSummary Summary => new(
        "redis-kill", "F13", "Redis is killed and comes back", "Redis SIGKILL, 1 s, what it had written",
        "An ack is worth what Redis has written when it gives it: with appendfsync always, nothing that was acked is gone.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.AckedButLost, Standard.UnnoticedLoss, Standard.Loss];

    public override bool Suits(string strategy) => strategy is "streams" or "log";

    // Whether it writes before it answers is a setting of redis-server; the embedded one writes a little later.
    public override ClusterPlan Plan(ClusterPlan plan) => plan with { Redis = RedisServerKind.RedisServer };

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        using (trial.Break("Redis is killed"))
        {
            await trial.KeepAsync("before Redis was killed under load");
            await trial.Cluster.KillAndStartRedisAsync(TimeSpan.FromSeconds(AwaySeconds));
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }
}
