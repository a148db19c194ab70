using System.Text;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.Balancing;

/// <summary>
/// How even the nodes are after a scale-out, a deploy and a crash, under each policy, with shedding and without, and what it costs in
/// reconnects. Counted at the clients, by what the nodes call themselves.
/// </summary>
internal static class EvennessScenario
{
    private const int FirstNodes = 3;
    private static readonly bool[] WithAndWithout = [true, false];

    public static async Task<bool> RunAsync(Settings settings)
    {
        var cases =
            from happening in settings.Balancing.Events
            from policy in settings.Balancing.Policies
            from shedding in WithAndWithout
            select new EvennessCase(policy, shedding, happening);
        var results = new List<EvennessResult>();
        foreach (var one in cases)
        {
            results.Add(await RunAsync(settings, one));
            Console.WriteLine(Row(results[^1]));
        }

        var table = new StringBuilder();
        foreach (var happening in results.GroupBy(result => result.Case.Event))
        {
            table.AppendLine($"**{char.ToUpperInvariant(EvennessCase.Describe(happening.Key)[0])}{EvennessCase.Describe(happening.Key)[1..]}.**\n");
            table.AppendLine("| policy | shedding | worst | seconds to ≤ 1.1 | at the end | reconnects during the event | after it | verified |");
            table.AppendLine("|---|---|---|---|---|---|---|---|");
            table.AppendJoin('\n', happening.Select(Row)).AppendLine("\n");
        }

        Document.Show(settings, "balancing.md", "evenness", $"{settings.Balancing.Clients} connections on {FirstNodes} nodes", table.ToString());
        if (settings.Balancing.Docs is { } docs)
        {
            File.WriteAllText(Path.Combine(docs, "images", "evenness.svg"), EvennessChart.Draw(results));
        }

        return results.TrueForAll(result => result.Good && (result.SecondsToEven <= settings.Balancing.Watch || !IsDefault(result.Case)));
    }

    private static bool IsDefault(EvennessCase one) => one is { Policy: "power-of-two", Shedding: true };

    private static async Task<EvennessResult> RunAsync(Settings settings, EvennessCase one)
    {
        await using var cluster = await ChatCluster.StartAsync(
            FirstNodes, settings.Embedded, $"Policy={one.Policy}", $"Shedding={one.Shedding}");
        using var reactor = new Reactor();
        using var crowd = new ReturningCrowd(reactor, cluster.Port, cluster.Dialect);
        crowd.Enter(settings.Balancing.Clients, TimeSpan.FromSeconds(60));
        await using var verified = await VerifiedGroup.StartAsync(cluster.Url, cluster.Dialect);
        var watch = new EvennessWatch(reactor, crowd, cluster, settings.Balancing);
        watch.Settle();
        watch.Observe(Task.Run(() => HappenAsync(one.Event, cluster)));
        var eventMoves = crowd.ClosedCount;
        watch.ObserveAfter(one.Shedding);
        var verdict = await verified.FinishAsync();
        return new EvennessResult(
            one, watch.Samples, watch.EventSeconds, eventMoves, crowd.ClosedCount - eventMoves, crowd.HoleCount + crowd.NotRecoveredCount, verdict);
    }

    private static async Task HappenAsync(string happening, ChatCluster cluster)
    {
        var victim = cluster.Nodes.ElementAt(1);
        switch (happening)
        {
            case "add":
                await cluster.AddAsync();
                break;
            case "restart":
                foreach (var node in cluster.Nodes)
                {
                    await cluster.RestartAsync(node);
                }

                break;
            default:
                await cluster.KillAsync(victim);
                await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System);
                await cluster.StartAgainAsync(victim);
                break;
        }
    }

    private static string Row(EvennessResult result) =>
        $"| {result.Case.Policy} | {(result.Case.Shedding ? "yes" : "no")} | {Report.Show(result.Worst)} | "
        + $"{(result.SecondsToEven is { } seconds ? $"{seconds:0}" : "never")} | {Report.Show(result.Final)} | "
        + $"{result.EventMoves} | {result.LaterMoves} | {(result.Faults == 0 ? $"{result.Verdict}" : $"{result.Verdict}, {result.Faults} HOLES")} |";
}
