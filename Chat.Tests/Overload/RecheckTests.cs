using System.Collections.Concurrent;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Tests.Log;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Overload;

/// <summary>What a node asks of Redis when it may have missed something in all its rooms.</summary>
public sealed class RecheckTests
{
    private const int Rooms = 400;
    private const int Moved = 7;

    [Fact]
    public async Task After_an_interruption_only_the_rooms_that_went_on_are_read_and_few_at_once()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        var probe = new RedisProbe();
        var options = new NodeOptions();
        await using var log = await LogHarness.ConnectAsync(server, options, probe);
        var delivered = new ConcurrentQueue<string>();
        var feeds = new List<IAsyncDisposable>();
        for (var i = 0; i < Rooms; i++)
        {
            var room = $"room{i}";
            await log.PublishAsync(room, "ada", "first");
            feeds.Add(await log.Backplane.SubscribeAsync(room, new RoomSubscriber(_ => delivered.Enqueue(room), _ => { }), CancellationToken.None));
        }

        // Written without a word to anybody, as if it had been published while nobody listened.
        var moved = Enumerable.Range(0, Moved).Select(index => $"room{index}").ToArray();
        foreach (var room in moved)
        {
            var epoch = await log.Database.HashGetAsync(LogKeys.Meta(room), "epoch");
            await log.Database.ListRightPushAsync(LogKeys.Log(room), LogHarness.Publication(room, epoch!, 2, "second"));
            await log.Database.HashSetAsync(LogKeys.Meta(room), "offset", 2);
        }

        probe.Forget();
        log.Subscriptions.Rebuild();
        await Within.True(30, () => Task.FromResult(delivered.Count == Moved), "the rooms that went on have got what they missed");

        Assert.Equal(moved, delivered.Order());
        Assert.InRange(probe.Calls(nameof(IDatabase.ScriptEvaluateAsync)), Moved + 1, Moved + (Rooms / 10));
        Assert.InRange(probe.ScriptsAtOnceMax, 1, options.RepairsMax + options.RechecksMax);
        foreach (var feed in feeds)
        {
            await feed.DisposeAsync();
        }
    }

    [Fact]
    public async Task With_Redis_slow_repairs_wait_for_each_other_and_come_back_at_random_times()
    {
        var options = new NodeOptions();
        var waits = Enumerable.Range(0, 1000).Select(_ => RetryDelay.After(failures: 30, options)).ToArray();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, options.RepairRetryMax));
        Assert.True(waits.Max() - waits.Min() > options.RepairRetryMax * 0.9);

        using var turns = new RepairTurns(new NodeOptions { RepairsMax = 3 });
        var (now, most, done) = (0, 0, new TaskCompletionSource());
        var all = Enumerable.Range(0, 20).Select(_ => turns.RunAsync(
            async _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                await done.Task;
                return Interlocked.Decrement(ref now);
            },
            CancellationToken.None)).ToArray();
        Assert.Equal(3, now);
        done.SetResult();
        await Within.Seconds(10, Task.WhenAll(all).WaitAsync, "all have had their turn");
        Assert.Equal(3, most);
    }
}
