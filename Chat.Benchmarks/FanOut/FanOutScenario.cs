using System.Text;
using Chat.Benchmarks.Balancing;
using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.FanOut;

/// <summary>One frame to every member, again and again: what a delivery costs the process that sends it, on each engine of the wires.</summary>
internal static class FanOutScenario
{
    private static readonly (string Name, string[] Arguments)[] Contenders =
    [
        ("io_uring", [WireFanOutServer.Switch, "IoUring"]),
        ("epoll and `send`", [WireFanOutServer.Switch, "Epoll"]),
        ("sockets", [WireFanOutServer.Switch, "Sockets"]),
        ("`Socket.Send` in a bare loop", [SendFanOutServer.Switch]),
    ];

    /// <returns>Whether every byte came to everybody.</returns>
    public static async Task<bool> RunAsync(Settings settings)
    {
        var crowds = new List<FanOutCrowd>();
        try
        {
            foreach (var (name, arguments) in Contenders)
            {
                crowds.Add(await FanOutCrowd.StartAsync(name, arguments, settings.Members));
            }

            var windows = crowds.ToDictionary(crowd => crowd, _ => new List<FanOutWindow>());
            foreach (var crowd in crowds)
            {
                FanOutWindow.Measure(crowd, settings.FanOuts, settings.Members);
            }

            for (var window = 0; window < settings.Windows; window++)
            {
                foreach (var crowd in crowds)
                {
                    windows[crowd].Add(FanOutWindow.Measure(crowd, settings.FanOuts, settings.Members));
                }
            }

            Print(settings, windows);
            return windows.Values.All(list => list.All(window => window.Whole));
        }
        finally
        {
            foreach (var crowd in crowds)
            {
                await crowd.DisposeAsync();
            }
        }
    }

    private static void Print(Settings settings, Dictionary<FanOutCrowd, List<FanOutWindow>> windows)
    {
        var table = new StringBuilder();
        table.AppendLine("| | CPU µs per delivery | to `Socket.Send` | ms for a fan-out | bytes allocated per delivery | the reader's µs | every byte |");
        table.AppendLine("|---|---|---|---|---|---|---|");
        var floor = Report.Median(windows.Values.Last().Select(window => window.Microseconds));
        foreach (var (crowd, list) in windows)
        {
            var cpu = Report.Median(list.Select(window => window.Microseconds));
            table.AppendLine(
                $"| {crowd.Name} | {Report.Show(cpu)} ({string.Join(" ", list.Select(window => Report.Show(window.Microseconds)))}) | "
                + $"{Report.Show(cpu / floor)} | {Report.Show(Report.Median(list.Select(window => window.Milliseconds)))} | "
                + $"{Report.Show(Report.Median(list.Select(window => window.AllocatedBytes)))} | "
                + $"{Report.Show(Report.Median(list.Select(window => window.ReaderMicroseconds)))} | {(list.All(window => window.Whole) ? "yes" : "NO")} |");
        }

        Document.Show(
            settings, "performance.md", "wires",
            $"{FanOutProtocol.FrameBytes} bytes to each of {settings.Members} sockets, {settings.FanOuts} times in each of {settings.Windows} windows",
            table.ToString());
    }
}
