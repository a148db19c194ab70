using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>A node ends without a word and comes back.</summary>
internal sealed class NodeKill : Experiment
{
    /// <summary>Connects are refused at once, and the longest wait between two of them is two seconds.</summary>
    private const double BackSecondsMax = 5;

    public override ExperimentSummary Summary => new(
        "node-kill", "F25", "A node dies", "node SIGKILL",
        "Its clients come back on other nodes within a second; only what does not live in the node's memory can be given to them.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss, Standard.Loss, Standard.GapP99];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Victim;
        using (trial.Break($"{node.Id} killed", node.Id))
        {
            await node.KillAsync();
            await trial.FlowAsync(cancellationToken);
        }

        await node.StartAsync();
        await node.WaitReadyAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) => [Standard.BackWithin(outcome, BackSecondsMax)];
}

/// <summary>A node stands still with its sockets open: a long collection, a virtual machine that moves.</summary>
internal sealed class NodePause : Experiment
{
    private const double PauseSeconds = 20;
    private const double OutSecondsMax = 3;
    private const string OutAfter = "out of the balancer after";

    public override ExperimentSummary Summary => new(
        "node-pause", "F40", "A node stands still for 20 s", "node SIGSTOP 20 s",
        "Nothing is closed, so nobody notices but by silence: probes take it out in 3 s, clients leave it when a ping is overdue.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.Noted(OutAfter, "s"),
    ];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var node = trial.Victim;
        using (trial.Break($"{node.Id} paused", node.Id))
        {
            node.Pause();
            var pausedAt = trial.Clock.Now;
            await Trial.WaitAsync(
                async () => await trial.Cluster.Balancer.ReadDestinationsAsync(cancellationToken) is { Count: > 0 } table && table.All(seen => seen.Id != node.Id || !seen.Healthy),
                $"{node.Id} is out of the balancer",
                cancellationToken);
            trial.Note(OutAfter, trial.Clock.Now - pausedAt);
            await Trial.FlowAsync(PauseSeconds - (trial.Clock.Now - pausedAt), cancellationToken);
            node.Continue();
        }

        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
        [Promise.AtMost(PromiseKind.Leaving, "a paused node is out of the balancer after", outcome.Number(OutAfter), "s", OutSecondsMax)];
}

/// <summary>One node leaves as it should, or all of them do, one after the other.</summary>
internal sealed class Deploy(bool all) : Experiment
{
    private const string DrainSeconds = "longest drain";
    private const string BadCodes = "nodes that ended with an error";

    /// <summary>The longest that a drain may take by the node's options.</summary>
    private const double DrainSecondsMax = 30;

    /// <summary>Who is sent away comes back after one backoff below 0.1 s and a handshake.</summary>
    private const double BackSecondsMax = 1;

    public override ExperimentSummary Summary => all
        ? new("rolling-deploy", "F34", "A rolling deploy", "each node drained and started again", "Every client moves at least once; the node tells them before it goes, so nobody waits for long and nothing acked is lost.")
        : new("drain", "F34", "A node drains", "node SIGTERM", "Clients are sent away in turns before the node ends: a gap of less than a second, and nothing lost where the rest can be read.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.GapP99,
        Standard.FalseLeaves,
        Standard.Noted(DrainSeconds, "s"),
    ];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var (longest, badCodes) = (0.0, 0);
        await trial.FlowAsync(cancellationToken);
        foreach (var node in all ? trial.Cluster.Nodes : [trial.Victim])
        {
            using (trial.Break($"{node.Id} drains", node.Id))
            {
                var begunAt = trial.Clock.Now;
                badCodes += await node.DrainAsync() == 0 ? 0 : 1;
                longest = Math.Max(longest, trial.Clock.Now - begunAt);
            }

            await node.StartAsync();
            await node.WaitReadyAsync(cancellationToken);
            await trial.FlowAsync(cancellationToken);
        }

        trial.Note(DrainSeconds, longest);
        trial.Note(BadCodes, badCodes);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.AtMost(PromiseKind.Leaving, DrainSeconds, outcome.Number(DrainSeconds), "s", DrainSecondsMax),
        Promise.AtMost(PromiseKind.Leaving, BadCodes, outcome.Number(BadCodes), "nodes", 0),
        Standard.BackWithin(outcome, BackSecondsMax + Bounds.SlackSeconds),
    ];
}
