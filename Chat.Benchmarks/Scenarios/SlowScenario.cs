using System.Text.Json;
using Chat.Benchmarks.Load;
using Chat.Benchmarks.Measuring;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Scenarios;

/// <summary>
/// One member of a big room stops reading: the others must not feel it, the node's memory must not grow, it is closed with 4001,
/// and after its resume it lacks nothing. Windows with and without it take turns.
/// </summary>
/// <remarks>
/// Half a megabyte is more than the system and the queue hold for it: at 30 messages a second that takes less than a window of 10 s. Nodes wait
/// for its close frame until it reads again, and do not miss its pongs before the queue is full.
/// </remarks>
internal static class SlowScenario
{
    private const int TextBytes = 2000;
    private const int SlowConsumer = 4001;
    private static readonly TimeSpan CloseMax = TimeSpan.FromSeconds(120);

    public static async Task<bool> RunAsync(Settings settings)
    {
        var variant = settings.Variants.FirstOrDefault() ?? Variant.Default;
        var patience = TimeSpan.FromSeconds(settings.Seconds) + CloseMax;
        await using var contender = await Contender.StartChatAsync(
            variant with { Arguments = [$"--Chat:CloseTimeout={patience:c}", "--Chat:PingPeriod=00:00:30", "--Chat:PongTimeout=00:00:30", .. variant.Arguments] },
            settings.Nodes,
            settings.Embedded);
        using var reactor = new Reactor();
        using var crowd = new Crowd(contender, reactor, TextBytes);
        crowd.Enter(1, settings.Members);
        Window.Measure(contender, crowd, settings.Rate, TimeSpan.FromSeconds(settings.Warmup));
        List<Window> without = [], with = [];
        var stories = new List<string>();
        var good = true;
        for (var turn = 0; turn < settings.Windows; turn++)
        {
            without.Add(Window.Measure(contender, crowd, settings.Rate, TimeSpan.FromSeconds(settings.Seconds)));
            var (window, story, fine) = MeasureWith(settings, contender, crowd);
            with.Add(window);
            stories.Add(story);
            good &= fine;
        }

        Report.Print(
            $"One room of {settings.Members}, {settings.Rate} messages of {TextBytes} bytes a second, one member not reading",
            [("all read", without), ("one does not", with)]);
        var ratios = with.Zip(without, (slow, fast) => slow.P99 / fast.P99);
        Console.WriteLine($"\np99 of the others with it, to p99 without: {Report.Show(Report.Median(ratios))} ({string.Join(" ", ratios.Select(Report.Show))})");
        stories.ForEach(Console.WriteLine);
        return good && without.Concat(with).All(window => window.Wrong == 0);
    }

    private static (Window Window, string Story, bool Good) MeasureWith(Settings settings, Contender contender, Crowd crowd)
    {
        var room = crowd.Rooms[0];
        using var slow = crowd.OpenApart(room, receiveBytes: 4096);
        crowd.MayEnd = slow;

        // It has seen something, so that it can say from where it goes on.
        var sent = room.Sent;
        crowd.Reactor.RunUntil(() => slow.Count > 0 && room.Sent > sent, CloseMax, new Pace(settings.Rate, crowd.SendNext));
        crowd.Reactor.RunUntil(() => crowd.Delivered >= crowd.Expected && slow.Count >= room.Sent - sent, CloseMax);
        (slow.Count, slow.Sum) = (0, 0);
        slow.Pause();
        var before = ProcessUsage.ResidentBytes(contender.NodeProcesses);
        var window = Window.Measure(contender, crowd, settings.Rate, TimeSpan.FromSeconds(settings.Seconds));
        var after = ProcessUsage.ResidentBytes(contender.NodeProcesses);
        slow.Continue();
        crowd.Reactor.RunUntil(() => slow.Closed is not null, CloseMax);

        // Its other half: a connection that asks for what came after the last it has.
        using var last = JsonDocument.Parse(slow.Last!);
        using var resumed = crowd.OpenApart(room, receiveBytes: null);
        resumed.Send(ChatDialect.Resume(
            room.Name, last.RootElement.GetProperty("epoch").GetString()!, last.RootElement.GetProperty("offset").GetInt64()));
        crowd.Reactor.RunUntil(() => slow.Count + resumed.Count >= room.Sent, TimeSpan.FromSeconds(10));
        var complete = slow.Count + resumed.Count == room.Sent && slow.Sum + resumed.Sum == room.Sum;
        return (
            window,
            $"- closed with {slow.Closed}; {slow.Count} messages before, {resumed.Count} by resume, of {room.Sent}: {(complete ? "nothing missing" : "INCOMPLETE")}; "
            + $"nodes' memory {Report.Show((after - before) / 1e6)} MB more at the end of the window",
            complete && slow.Closed == SlowConsumer);
    }
}
