using System.Globalization;
using Chat.Lab.Cluster;
using Chat.Lab.Experiments;
using Chat.Lab.Faults;
using Chat.Lab.Results;

namespace Chat.Lab.Chaos;

/// <summary>Everything at once, over clients that know the balancer's address and nothing else.</summary>
internal sealed class ChaosExperiment(ChaosPlan plan) : Experiment
{
    private const string Done = "faults that were done";
    private const string Acked = "messages acked, of those that the load should have";

    /// <summary>Sends wait while what they need is broken, and whoever waits for 50 acks writes no more.</summary>
    private const double AckedShareMin = 25;

    private static readonly TimeSpan SlowBy = TimeSpan.FromMilliseconds(300);

    public override ExperimentSummary Summary => new(
        "chaos", "chaos", "Everything at once", string.Create(CultureInfo.InvariantCulture, $"{plan.Faults.Count} faults in {plan.Seconds} s"),
        "Whatever fails together, everything acked is stored, everybody sees it once and in order, and all are well some seconds after the last fault.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss, Standard.Noted(Done, "faults")];

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        var (done, begun) = (0, trial.Clock.Now);
        await Task.WhenAll(plan.Faults.GroupBy(TargetOf).Select(InTurnAsync));
        await Trial.FlowAsync(begun + plan.Seconds - trial.Clock.Now, cancellationToken);
        trial.Note(Done, done);

        async Task InTurnAsync(IEnumerable<ChaosFault> faults)
        {
            foreach (var fault in faults)
            {
                await Trial.FlowAsync(begun + fault.At - trial.Clock.Now, cancellationToken);
                await DoAsync(trial, fault, cancellationToken);
                Interlocked.Increment(ref done);
            }
        }
    }

    public override IEnumerable<Promise> Judge(Outcome outcome) =>
    [
        Promise.Reaches(PromiseKind.Liveness, Done, outcome.Number(Done), "faults", plan.Faults.Count),
        Promise.Reaches(
            PromiseKind.Liveness, Acked, 100 * outcome.Findings.Tally.Acked / (plan.Seconds * outcome.Setting.Load.MessagesPerSecond), "%", AckedShareMin),
    ];

    /// <summary>Redis and the balancer take turns with each other.</summary>
    private static int TargetOf(ChaosFault fault) => fault.Kind is ChaosKind.KillRedis or ChaosKind.BlindBalancer ? -1 : fault.Node;

    private static async Task DoAsync(Trial trial, ChaosFault fault, CancellationToken cancellationToken)
    {
        var node = trial.Cluster.Nodes[fault.Node];
        using var broken = fault.Kind is ChaosKind.KillRedis or ChaosKind.BlindBalancer
            ? trial.Break($"{fault.Kind}")
            : trial.Break($"{node.Id}: {fault.Kind}", node.Id);
        switch (fault.Kind)
        {
            case ChaosKind.Kill:
                await node.KillAsync();
                await StartAgainAsync(node, fault, cancellationToken);
                break;
            case ChaosKind.Drain:
                await node.DrainAsync();
                await StartAgainAsync(node, fault, cancellationToken);
                break;
            case ChaosKind.Pause:
                node.Pause();
                await Trial.FlowAsync(fault.For, cancellationToken);
                node.Continue();
                break;
            case ChaosKind.KillRedis:
                await trial.Cluster.KillAndStartRedisAsync(TimeSpan.FromSeconds(fault.For / 2));
                break;
            default:
                var (link, how) = LinkOf(trial.Cluster, node, fault.Kind);
                link.Set(how, SlowBy);
                await Trial.FlowAsync(fault.For, cancellationToken);
                link.Set(Fault.Pass);
                break;
        }
    }

    private static async Task StartAgainAsync(ClusterNode node, ChaosFault fault, CancellationToken cancellationToken)
    {
        await Trial.FlowAsync(fault.For, cancellationToken);
        await node.StartAsync();
        await node.WaitReadyAsync(cancellationToken);
    }

    private static (FaultProxy Link, Fault How) LinkOf(LabCluster cluster, ClusterNode node, ChaosKind kind) => kind switch
    {
        ChaosKind.CutRedis => (node.Redis, Fault.Refuse),
        ChaosKind.SilenceRedis => (node.Redis, Fault.BlackHole),
        ChaosKind.DeafenToRedis => (node.Redis, Fault.BlackHoleFromTarget),
        ChaosKind.SlowRedis => (node.Redis, Fault.Delay),
        ChaosKind.CutClients => (node.Clients, Fault.Refuse),
        ChaosKind.SilenceClients => (node.Clients, Fault.BlackHole),
        _ => (cluster.BalancerRedis, Fault.BlackHole),
    };
}
