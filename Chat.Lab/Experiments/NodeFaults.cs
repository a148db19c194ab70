using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>A node ends without a word and comes back.</summary>
internal sealed class NodeKill : Experiment
{
    public override ExperimentSummary Summary => new(
        "node-kill", "F25", "A node dies", "node SIGKILL",
        "Its clients come back on other nodes within a second; only what does not live in the node's memory can be given to them.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss(Baseline.WithoutOne), Standard.Loss(Baseline.Lost), Standard.GapP99(_ => new Guess(0.5, 1, "a refused connect, one backoff, a handshake"))];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Cluster.Nodes[trial.Random.Next(trial.Cluster.Nodes.Count)];
        using (trial.Break($"{node.Id} killed"))
        {
            await node.KillAsync();
            await trial.FlowAsync(cancellationToken);
        }

        await node.StartAsync();
        await node.WaitReadyAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }
}

/// <summary>A node stands still with its sockets open: a long collection, a virtual machine that moves.</summary>
internal sealed class NodePause : Experiment
{
    private const double PauseSeconds = 20;

    public override ExperimentSummary Summary => new(
        "node-pause", "F40", "A node stands still for 20 s", "node SIGSTOP 20 s",
        "Nothing is closed, so nobody notices but by silence: probes take it out in 3 s, clients leave it when a ping is overdue.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss(Baseline.WithoutOne),
        Standard.Loss(Baseline.Lost),
        Standard.Noted("out of the balancer after", "s", _ => new Guess(2.5, 1.5, "two missed probes at 0.75 s with 1 s each to answer")),
    ];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Cluster.Nodes[trial.Random.Next(trial.Cluster.Nodes.Count)];
        using (trial.Break($"{node.Id} paused"))
        {
            node.Pause();
            var pausedAt = trial.Clock.Now;
            await Trial.WaitAsync(
                async () => await trial.Cluster.Balancer.ReadDestinationsAsync(cancellationToken) is { Count: > 0 } table && table.All(seen => seen.Id != node.Id || !seen.Healthy),
                $"{node.Id} is out of the balancer",
                cancellationToken);
            trial.Note("out of the balancer after", trial.Clock.Now - pausedAt);
            await Trial.FlowAsync(PauseSeconds - (trial.Clock.Now - pausedAt), cancellationToken);
            node.Continue();
        }

        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<string> Judge(Outcome outcome) => outcome.Number("out of the balancer after") > 3
        ? [$"a paused node is out within 3 s: it took {outcome.Number("out of the balancer after"):0.0} s"]
        : [];
}

/// <summary>One node leaves as it should, or all of them do, one after the other.</summary>
internal sealed class Deploy(bool all) : Experiment
{
    public override ExperimentSummary Summary => all
        ? new("rolling-deploy", "F34", "A rolling deploy", "each node drained and started again", "Every client moves at least once; the node tells them before it goes, so nobody waits for long and nothing acked is lost.")
        : new("drain", "F34", "A node drains", "node SIGTERM", "Clients are sent away in turns before the node ends: a gap of less than a second, and nothing lost where the rest can be read.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss(Baseline.WithoutOne),
        Standard.Loss(Baseline.Lost),
        Standard.GapP99(_ => new Guess(0.3, 0.7, "one backoff below 0.1 s and a handshake")),
        new Quantity("shown as gone and was there", "times", outcome => outcome.Findings.FalseLeaves, _ => Predictions.Nothing("a reconnect within the grace period shows nowhere")),
    ];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        foreach (var node in all ? trial.Cluster.Nodes : [trial.Cluster.Nodes[trial.Random.Next(trial.Cluster.Nodes.Count)]])
        {
            using (trial.Break($"{node.Id} drains"))
            {
                await node.DrainAsync();
            }

            await node.StartAsync();
            await node.WaitReadyAsync(cancellationToken);
            await trial.FlowAsync(cancellationToken);
        }
    }

    public override IEnumerable<string> Judge(Outcome outcome) => outcome.Findings.FalseLeaves > 0
        ? [$"presence does not flap: {outcome.Findings.FalseLeaves} times somebody was shown as gone who was there"]
        : [];
}

/// <summary>What the strategies lose when clients move and nothing else happens.</summary>
internal static class Baseline
{
    public static Guess? Unnoticed(Setting setting) => setting.Strategy switch
    {
        "local" => new Guess(100 * Predictions.Crossing(setting), 15, "(N − 1)/N of all deliveries, fault or not"),
        _ => Predictions.Nothing("who comes back is told, or is given what was missed"),
    };

    /// <summary>One node is away, or has just come back empty: the clients are on the others.</summary>
    public static Guess? WithoutOne(Setting setting) => setting.Strategy == "local"
        ? new Guess(100 * (setting.Plan.Nodes - 2.0) / (setting.Plan.Nodes - 1), 15, "(N − 2)/(N − 1) of all deliveries: everybody is on one node less")
        : Unnoticed(setting);

    public static Guess? Lost(Setting setting) => setting.Strategy is "log" or "streams"
        ? Predictions.Nothing("what was missed is read from the log")
        : null;
}
