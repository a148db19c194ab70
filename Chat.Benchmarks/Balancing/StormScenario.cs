using System.Diagnostics;
using System.Text;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.Balancing;

/// <summary>One of three nodes dies with its third of all connections: how long until they are back, and what it does to the others.</summary>
internal static class StormScenario
{
    private const int Nodes = 3;
    private static readonly TimeSpan BackMax = TimeSpan.FromSeconds(60);

    public static async Task<bool> RunAsync(Settings settings)
    {
        var storms = new List<Storm>();
        for (var i = 0; i < settings.Windows; i++)
        {
            storms.Add(await MeasureAsync(settings));
            Console.WriteLine(Row(storms[^1]));
        }

        var table = new StringBuilder();
        table.AppendLine("| connections lost | 99 % back after s | all back after s | handshakes/s at the peak | refused meanwhile | p50 ms of the others before | p99 before | p50 during | p99 during | verified |");
        table.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        table.AppendJoin('\n', storms.Select(Row)).AppendLine();
        var title = $"{settings.Balancing.Crowd} connections on {Nodes} nodes, {settings.Balancing.CrowdRate} messages a second to ten each, one node killed";
        Document.Show(settings, "balancing.md", "storm", title, table.ToString());
        return storms.TrueForAll(storm => storm.Verdict.Good && storm.Faults == 0);
    }

    private static async Task<Storm> MeasureAsync(Settings settings)
    {
        await using var cluster = await ChatCluster.StartAsync(Nodes, settings.Embedded);
        using var reactor = new Reactor();
        using var crowd = new ReturningCrowd(reactor, cluster.Port, cluster.Dialect);
        crowd.Enter(settings.Balancing.Crowd, TimeSpan.FromSeconds(90));
        await using var verified = await VerifiedGroup.StartAsync(cluster.Url, cluster.Dialect);

        // Warm, and what was uneven at the start is moved.
        crowd.MarkStayed();
        reactor.Run(TimeSpan.FromSeconds(settings.Seconds), new Pace(settings.Balancing.CrowdRate, crowd.SendNext));
        crowd.MarkStayed();
        crowd.Reset();
        reactor.Run(TimeSpan.FromSeconds(settings.Seconds), new Pace(settings.Balancing.CrowdRate, crowd.SendNext));
        var before = (P50: crowd.Latencies.Milliseconds(0.5), P99: crowd.Latencies.Milliseconds(0.99));

        var victim = cluster.Nodes.ElementAt(1);
        var lost = crowd.CountByNode()[victim];
        foreach (var client in crowd.Clients.Where(client => client.Node == victim))
        {
            // It cannot be asked to say something between its node's death and the moment it learns of it.
            client.Stayed = false;
        }

        crowd.Reset();
        var start = Stopwatch.GetTimestamp();
        var killing = cluster.KillAsync(victim);
        var pace = new Pace(settings.Balancing.CrowdRate, crowd.SendNext);
        var nearly = RunUntilBack(crowd, lost, 0.99, pace) ? Seconds(start) : double.NaN;
        var all = RunUntilBack(crowd, lost, 1, pace) ? Seconds(start) : double.NaN;
        var rest = TimeSpan.FromSeconds(settings.Seconds) - Stopwatch.GetElapsedTime(start);
        reactor.Run(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, pace);
        await killing;
        var during = (P50: crowd.Latencies.Milliseconds(0.5), P99: crowd.Latencies.Milliseconds(0.99));
        return new Storm(
            lost, nearly, all, PeakPerSecond(crowd.Hellos), crowd.RefusedCount, before, during,
            crowd.HoleCount + crowd.NotRecoveredCount, await verified.FinishAsync());
    }

    /// <summary>Those who were on the dead node, or as many of them, are in their rooms again.</summary>
    private static bool RunUntilBack(ReturningCrowd crowd, int lost, double share, Pace pace) => crowd.Reactor.RunUntil(
        () => crowd.ClosedCount >= lost && crowd.ReadyCount >= crowd.Clients.Count - (lost * (1 - share)), BackMax, pace);

    private static double Seconds(long since) => Stopwatch.GetElapsedTime(since).TotalSeconds;

    /// <summary>In any one second.</summary>
    private static int PeakPerSecond(IReadOnlyList<long> times)
    {
        var (peak, first) = (0, 0);
        for (var last = 0; last < times.Count; last++)
        {
            while (times[last] - times[first] > Stopwatch.Frequency)
            {
                first++;
            }

            peak = Math.Max(peak, last - first + 1);
        }

        return peak;
    }

    private static string Row(Storm storm) =>
        $"| {storm.Lost} | {Report.Show(storm.NearlyAll)} | {Report.Show(storm.All)} | {storm.Peak} | {storm.Refused} | {Report.Show(storm.Before.P50)} | {Report.Show(storm.Before.P99)} | "
        + $"{Report.Show(storm.During.P50)} | {Report.Show(storm.During.P99)} | {storm.Verdict}{(storm.Faults == 0 ? "" : $", {storm.Faults} HOLES")} |";

    private sealed record Storm(
        int Lost, double NearlyAll, double All, int Peak, int Refused, (double P50, double P99) Before, (double P50, double P99) During, int Faults, Verdict Verdict);
}
