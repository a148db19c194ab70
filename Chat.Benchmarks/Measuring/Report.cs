using System.Globalization;

namespace Chat.Benchmarks.Measuring;

/// <summary>Medians over windows, as a Markdown table, each beside the first.</summary>
internal static class Report
{
    public static void Print(string title, IReadOnlyList<(string Name, IReadOnlyList<Window> Windows)> results)
    {
        Console.WriteLine($"\n## {title}\n");
        Console.WriteLine("| | CPU µs per delivery | nodes | Redis | to the first | p50 ms | p99 ms | p999 ms | sent | delivered | missing | load generator µs |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        var first = Median(results[0].Windows, window => window.TotalMicroseconds);
        foreach (var (name, windows) in results)
        {
            var total = Median(windows, window => window.TotalMicroseconds);
            Console.WriteLine(
                $"| {name} | {Show(total)} ({string.Join(" ", windows.Select(window => Show(window.TotalMicroseconds)))}) | "
                + $"{Show(Median(windows, window => window.NodeMicroseconds))} | {Show(Median(windows, window => window.RedisMicroseconds))} | "
                + $"{(total / first).ToString("0.00", CultureInfo.InvariantCulture)} | {Show(Median(windows, window => window.P50))} | "
                + $"{Show(Median(windows, window => window.P99))} | {Show(Median(windows, window => window.P999))} | "
                + $"{windows.Sum(window => window.Sent)} | {windows.Sum(window => window.Delivered)} | "
                + $"{windows.Sum(window => window.Expected - window.Delivered)} | {Show(Median(windows, window => window.LoadMicroseconds))} |");
        }
    }

    public static double Median(IEnumerable<Window> windows, Func<Window, double> of) => Median(windows.Select(of));

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public static string Show(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
