using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Balancing;

/// <summary>
/// What a balancer costs, ours beside others, in front of the same floor server: frames through tunnels, handshakes, idle tunnels.
/// For frames and handshakes all are up and take turns; for memory each is started anew.
/// </summary>
internal static class BalancerScenario
{
    private const int TextBytes = 100;
    private const int FirstTunnels = 500;

    public static async Task<bool> RunAsync(Settings settings)
    {
        await using var floor = await Contender.StartFloorAsync();
        using var reactor = new Reactor();
        var costs = new List<FrontCost>();
        try
        {
            foreach (var name in Front.Names(settings))
            {
                costs.Add(new FrontCost(name, await Front.StartAsync(name, floor.Ports[0], settings)));
            }

            var present = costs.Where(cost => cost.Front is not null).ToList();
            MeasureFrames(settings, reactor, present);
            MeasureHandshakes(settings, reactor, present);
        }
        finally
        {
            foreach (var cost in costs.Where(cost => cost.Front is not null))
            {
                await cost.Front!.DisposeAsync();
            }
        }

        foreach (var cost in costs.Where(cost => cost is { Front: not null, Name: not Front.Direct }))
        {
            cost.TunnelBytes = await MeasureIdleAsync(settings, reactor, floor, cost.Name);
        }

        FrontReport.Print(settings, costs);
        return costs.SelectMany(cost => cost.Windows).All(window => window.Wrong == 0);
    }

    private static void MeasureFrames(Settings settings, Reactor reactor, List<FrontCost> costs)
    {
        var crowds = new List<Crowd>();
        try
        {
            foreach (var cost in costs)
            {
                var crowd = new Crowd(cost.Front!, reactor, TextBytes) { RoomPrefix = cost.Name };
                crowds.Add(crowd);
                crowd.Enter(1, settings.Members);
                Window.Measure(cost.Front!, crowd, settings.Rate, TimeSpan.FromSeconds(settings.Warmup));
            }

            for (var turn = 0; turn < settings.Windows; turn++)
            {
                for (var i = 0; i < costs.Count; i++)
                {
                    costs[i].Windows.Add(Window.Measure(costs[i].Front!, crowds[i], settings.Rate, TimeSpan.FromSeconds(settings.Seconds)));
                }
            }
        }
        finally
        {
            crowds.ForEach(crowd => crowd.Dispose());
        }
    }

    /// <summary>Each window opens so many tunnels and closes them again. The first, which counts for nothing, warms up.</summary>
    private static void MeasureHandshakes(Settings settings, Reactor reactor, List<FrontCost> costs)
    {
        for (var turn = 0; turn <= settings.Windows; turn++)
        {
            foreach (var cost in costs.Where(cost => cost.Name != Front.Direct))
            {
                var processes = cost.Front!.NodeProcesses.ToArray();
                var before = ProcessUsage.CpuSeconds(processes);
                using (var crowd = new Crowd(cost.Front, reactor, TextBytes))
                {
                    crowd.Idle(settings.Balancing.Handshakes);
                }

                reactor.Run(TimeSpan.FromSeconds(1));
                if (turn > 0)
                {
                    cost.Handshakes.Add(settings.Balancing.Handshakes / (ProcessUsage.CpuSeconds(processes) - before));
                }
            }
        }
    }

    private static async Task<double> MeasureIdleAsync(Settings settings, Reactor reactor, Contender floor, string name)
    {
        await using var front = (await Front.StartAsync(name, floor.Ports[0], settings))!;

        // The first ones pay for code that is compiled and pools that are filled.
        using (var first = new Crowd(front, reactor, TextBytes))
        {
            first.Idle(FirstTunnels);
        }

        long Bytes() => ProcessUsage.ProportionalBytes(front.NodeProcesses);
        var before = Quiet.Wait(reactor, Bytes);
        using var crowd = new Crowd(front, reactor, TextBytes);
        crowd.Idle(settings.Balancing.Tunnels);
        return (Quiet.Wait(reactor, Bytes) - before) / (double)settings.Balancing.Tunnels;
    }
}
