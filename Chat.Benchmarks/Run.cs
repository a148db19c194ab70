using Chat.Benchmarks.Balancing;
using Chat.Benchmarks.FanOut;
using Chat.Benchmarks.Measuring;
using Chat.Benchmarks.Scenarios;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks;

/// <summary>One scenario after the other.</summary>
internal static class Run
{
    /// <returns>Whether every message came to everybody once, and every other promise that was measured held.</returns>
    public static async Task<bool> AllAsync(Settings settings)
    {
        Console.WriteLine(
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC · {Environment.ProcessorCount} cores · .NET {Environment.Version} · "
            + $"{(settings.Embedded ? "embedded Redis" : "redis-server")} · load average {ProcessUsage.Load}");
        var good = true;
        foreach (var scenario in settings.Chosen)
        {
            good &= scenario switch
            {
                "room" => await DeliveryScenario.RunAsync(
                    settings, $"One room of {settings.Members}, {settings.Rate} messages a second", 1, settings.Members, settings.Rate),
                "rooms" => await DeliveryScenario.RunAsync(
                    settings, $"{settings.Rooms} rooms of {settings.RoomMembers}, {settings.RoomsRate} messages a second", settings.Rooms, settings.RoomMembers, settings.RoomsRate),
                "idle" => await IdleScenario.RunAsync(settings),
                "balancer" => await BalancerScenario.RunAsync(settings),
                "evenness" => await EvennessScenario.RunAsync(settings),
                "wires" => await FanOutScenario.RunAsync(settings),
                "storm" => await StormScenario.RunAsync(settings),
                _ => await SlowScenario.RunAsync(settings),
            };
            Console.WriteLine($"\nLoad average {ProcessUsage.Load}.");
        }

        return good;
    }

    /// <summary>Those to be compared, ours first. Each in its own processes, with a Redis of its own.</summary>
    public static IEnumerable<Func<Task<Contender>>> Contenders(Settings settings) =>
    [
        () => Contender.StartChatAsync(Variant.Default, settings.Nodes, settings.Embedded),
        .. settings.Variants.Select<Variant, Func<Task<Contender>>>(variant => () => Contender.StartChatAsync(variant, settings.Nodes, settings.Embedded)),
        .. settings.Against.Select<string, Func<Task<Contender>>>(rival => rival switch
        {
            "floor" => Contender.StartFloorAsync,
            "nchan" => () => Contender.StartNchanAsync(settings.Nodes, settings.Embedded),
            _ => () => Contender.StartSignalRAsync(settings.Nodes, settings.Embedded),
        }),
    ];
}
