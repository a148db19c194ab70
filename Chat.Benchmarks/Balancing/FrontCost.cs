using System.Text;
using Chat.Benchmarks.Measuring;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Balancing;

/// <summary>What was measured of one balancer.</summary>
/// <param name="front">Null when it is not installed.</param>
internal sealed class FrontCost(string name, Contender? front)
{
    public string Name => name;

    public Contender? Front => front;

    public List<Window> Windows { get; } = [];

    /// <summary>For each second of its processor time.</summary>
    public List<double> Handshakes { get; } = [];

    public double TunnelBytes { get; set; }
}

/// <summary>One table: medians, and where it matters each window.</summary>
internal static class FrontReport
{
    public static void Print(Settings settings, IReadOnlyList<FrontCost> costs)
    {
        var table = new StringBuilder();
        table.AppendLine($"| | CPU µs per frame | to nginx | p50 ms | p99 ms | added p50 | added p99 | handshakes per CPU second | KB per idle tunnel |");
        table.AppendLine("|---|---|---|---|---|---|---|---|---|");
        var direct = costs[0].Windows;
        var nginx = costs.FirstOrDefault(cost => cost.Name == Front.Nginx);
        foreach (var cost in costs)
        {
            table.AppendLine(cost.Front is null ? $"| {cost.Name} | not installed | | | | | | | |" : Row(cost, direct, nginx));
        }

        Document.Show(
            settings,
            "balancing.md",
            "balancer",
            $"{settings.Members} tunnels, {settings.Rate * settings.Members} frames a second; {settings.Balancing.Tunnels} idle tunnels",
            table.ToString());
    }

    private static string Row(FrontCost cost, IReadOnlyList<Window> direct, FrontCost? nginx)
    {
        var p50 = Report.Median(cost.Windows, window => window.P50);
        var p99 = Report.Median(cost.Windows, window => window.P99);
        if (cost.Windows == direct)
        {
            return $"| {cost.Name} | | | {Report.Show(p50)} | {Report.Show(p99)} | | | | |";
        }

        var cpu = Report.Median(cost.Windows, window => window.NodeMicroseconds);
        var ratio = nginx is null or { Windows.Count: 0 } ? "" : Report.Show(cpu / Report.Median(nginx.Windows, window => window.NodeMicroseconds));
        var added50 = Report.Median(cost.Windows.Zip(direct, (window, without) => window.P50 - without.P50));
        var added99 = Report.Median(cost.Windows.Zip(direct, (window, without) => window.P99 - without.P99));
        return $"| {cost.Name} | {Report.Show(cpu)} ({string.Join(" ", cost.Windows.Select(window => Report.Show(window.NodeMicroseconds)))}) | {ratio} | "
            + $"{Report.Show(p50)} | {Report.Show(p99)} | {Report.Show(added50)} | {Report.Show(added99)} | "
            + $"{Report.Median(cost.Handshakes):0} ({string.Join(" ", cost.Handshakes.Select(rate => $"{rate:0}"))}) | {Report.Show(cost.TunnelBytes / 1024)} |";
    }
}
