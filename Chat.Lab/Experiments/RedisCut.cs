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
        Standard.UnnoticedLoss(Predict),
        Standard.Loss(setting => setting.Strategy is "log" or "streams" ? Predictions.Nothing("the log has what was missed") : null),
        Standard.AckedButLost(setting => setting.Strategy == "log" ? Predictions.Nothing("a send that cannot be stored is refused") : null),
        new Quantity(Told, "%", outcome => outcome.Number(Told), _ => IsLong ? new Guess(100, 0, "who cannot be served is told so") : null),
    ];

    private const string Told = "on a node cut off, and told that it is degraded";

    /// <summary>So long a node may take to find out: until its canary is overdue (4 s), and it looks.</summary>
    private const double NoticedSeconds = 4.9;

    private bool IsLong => seconds > NoticedSeconds;

    public override bool Suits(string strategy) => strategy != "local";

    public override async Task RunAsync(Trial trial, CancellationToken cancellationToken)
    {
        await trial.FlowAsync(cancellationToken);
        var nodes = all ? trial.Cluster.Nodes : [trial.Cluster.Nodes[trial.Random.Next(trial.Cluster.Nodes.Count)]];
        using (trial.Break(all ? "all nodes cut off from Redis" : $"{nodes[0].Id} cut off from Redis"))
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
                trial.Note("ready all the same", (await Task.WhenAll(nodes.Select(node => node.IsReadyAsync()))).Count(ready => ready));
                trial.Note(Told, people.Length == 0 ? 100 : 100.0 * people.Count(client => IsDegraded(client.Record(), cutAt)) / people.Length);
            }

            foreach (var node in nodes)
            {
                node.Redis.Set(Fault.Pass);
            }
        }

        await trial.FlowAsync(cancellationToken);
        await trial.FlowAsync(cancellationToken);
        trial.Note("holes", trial.Crowd.Clients.Sum(client => client.Client.Holes));
    }

    public override IEnumerable<string> Judge(Outcome outcome)
    {
        // Chat.Client asks again when it sees a hole; where nodes repair, it never sees one.
        if (outcome.Setting.Strategy == "log" && outcome.Number("holes") > 0)
        {
            yield return $"a node has no holes: {outcome.Number("holes")} that clients had to ask for again";
        }

        if (outcome.Number(Told) < 100)
        {
            yield return $"faults are visible: of the people on a node without Redis, {outcome.Number(Told):0} % were told";
        }

        if (outcome.Number("ready all the same") > 0)
        {
            yield return $"faults are visible: {outcome.Number("ready all the same")} nodes without Redis say that they are ready";
        }
    }

    private static bool IsDegraded(ClientRecord client, double since) => client.Statuses.Any(status => status.Degraded && status.At >= since);

    private Guess? Predict(Setting setting)
    {
        var nodes = (double)setting.Plan.Nodes;
        var total = (0.75 * setting.Parameters.Seconds) + seconds + Predictions.TailSeconds;
        var away = seconds + Predictions.RedisReconnectSeconds;
        var crossing = Predictions.Crossing(setting);
        return (setting.Strategy, all) switch
        {
            ("log", _) => Predictions.Nothing("the hole is read from the log"),
            ("streams", _) => Predictions.Nothing("the poll goes on where it stopped"),
            ("split", _) => Predictions.Nothing("the numbers show the hole, and the client is told"),
            ("local-first", true) => Predictions.During(away, total, crossing, "the time away, and all deliveries that cross nodes"),
            ("local-first", false) => Predictions.During(
                away, total, 2 * crossing / nodes, "the time away, and all deliveries from the node or to it"),
            ("pubsub", true) => Predictions.Nothing("nobody can publish, and whoever tries is refused"),
            ("pubsub", false) => Predictions.During(away, total, crossing / nodes, "the time away, and 1/N of what the other nodes publish"),
            _ => null,
        };
    }
}
