using Chat.Lab.Checking;
using Chat.Lab.Faults;
using Chat.Lab.Results;
using static System.FormattableString;

namespace Chat.Lab.Experiments;

/// <summary>One node, or all, lose their way to Redis for some time: connections are reset, new ones refused.</summary>
internal sealed class RedisCut(double seconds, bool all = false) : Experiment
{
    public override ExperimentSummary Summary => new(
        all ? "redis-cut-all" : Invariant($"redis-cut-{seconds}s"),
        all ? "F14" : "F07",
        all ? Invariant($"Every node cut off from Redis for {seconds} s") : Invariant($"One node cut off from Redis for {seconds} s"),
        all ? Invariant($"node–Redis refused, all, {seconds} s") : Invariant($"node–Redis refused, one, {seconds} s"),
        all
            ? "Whoever delivers without Redis splits the rooms into as many as there are nodes, and acks all the same."
            : "Pub/sub delivers at most once: what is published while a node is away is gone for its members, and nothing says so.");

    public override IReadOnlyList<Quantity> Quantities =>
    [
        Standard.UnnoticedLoss,
        Standard.Loss,
        Standard.AckedButLost,
        Standard.Noted(Told, "%"),
    ];

    private const string ReadyAllTheSame = "nodes without Redis that say that they are ready";
    private const string Told = "on a node cut off, and told that it is degraded";

    /// <summary>So long a node may take to find out: until its canary is overdue (4 s), and it looks.</summary>
    private const double NoticedSeconds = 4.9;

    private bool IsLong => seconds > NoticedSeconds;

    public override bool Suits(string strategy) => strategy != "local";

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var nodes = all ? trial.Cluster.Nodes : [trial.Victim];
        using (trial.Break(all ? "all nodes cut off from Redis" : $"{nodes[0].Id} cut off from Redis", [.. nodes.Select(node => node.Id)]))
        {
            var cutAt = trial.Clock.Now;
            var people = nodes.SelectMany(node => trial.Crowd.ByNode()[node.Id]).ToArray();
            foreach (var node in nodes)
            {
                node.Redis.Set(Fault.Refuse);
            }

            await Trial.FlowAsync(seconds, cancellationToken);
            if (IsLong)
            {
                trial.Note(ReadyAllTheSame, (await Task.WhenAll(nodes.Select(node => node.IsReadyAsync()))).Count(ready => ready));
                trial.Note(Told, people.Length == 0 ? 100 : 100.0 * people.Count(client => IsDegraded(client.Record(), cutAt)) / people.Length);
            }

            foreach (var node in nodes)
            {
                node.Redis.Set(Fault.Pass);
            }
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) => !IsLong ? [] :
    [
        Promise.Reaches(PromiseKind.FaultsAreTold, Told, outcome.Number(Told), "%", 100),
        Promise.AtMost(PromiseKind.FaultsAreTold, ReadyAllTheSame, outcome.Number(ReadyAllTheSame), "nodes", 0),
    ];

    private static bool IsDegraded(ClientRecord client, double since) => client.Statuses.Any(status => status.Degraded && status.At >= since);
}
