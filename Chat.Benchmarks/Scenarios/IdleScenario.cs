using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.Scenarios;

/// <summary>
/// Connections that do nothing: what each keeps in the node's memory. The contenders one after the other, since they share this
/// program's file descriptors. No collection is forced: what a server keeps by itself is what it costs.
/// </summary>
internal static class IdleScenario
{
    private const int FirstConnections = 500;

    public static async Task<bool> RunAsync(Settings settings)
    {
        Console.WriteLine($"\n## {settings.Idle} idle connections to one node\n");
        Console.WriteLine("| | KB per connection | node before, MB | after, MB | CPU µs per connection and second |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var start in Run.Contenders(settings with { Nodes = 1 }))
        {
            await using var contender = await start();
            using var reactor = new Reactor();

            // The first ones pay for code that is compiled and pools that are filled.
            using (var first = new Crowd(contender, reactor, textBytes: 100))
            {
                first.Idle(FirstConnections);
            }

            long Bytes() => ProcessUsage.ResidentBytes(contender.NodeProcesses);
            var before = Quiet.Wait(reactor, Bytes);
            using var crowd = new Crowd(contender, reactor, textBytes: 100);
            crowd.Idle(settings.Idle);
            var after = Quiet.Wait(reactor, Bytes);
            var cpu = ProcessUsage.CpuSeconds(contender.NodeProcesses);
            reactor.Run(TimeSpan.FromSeconds(settings.Seconds));
            cpu = ProcessUsage.CpuSeconds(contender.NodeProcesses) - cpu;
            Console.WriteLine(
                $"| {contender.Name} | {Report.Show((after - before) / 1024.0 / settings.Idle)} | {Report.Show(before / 1e6)} | "
                + $"{Report.Show(after / 1e6)} | {Report.Show(cpu * 1e6 / settings.Idle / settings.Seconds)} |");
        }

        return true;
    }
}
