using System.Collections.Concurrent;
using Chat.Lab.Cluster;
using Chat.Node.Backplane.Subscriptions;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Log;

public sealed class SubscriptionConnectionTests
{
    private const int Times = 2000;

    [Fact]
    public async Task Rebuilt_again_and_again_while_the_server_cuts_it_and_channels_come_and_go_it_hears_all_of_them_in_the_end()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var log = await LogHarness.ConnectAsync(server);
        var heard = new ConcurrentDictionary<string, bool>();
        using var stop = new CancellationTokenSource();
        var tormenting = TormentAsync(log, stop.Token);

        var handles = new List<IAsyncDisposable>();
        foreach (var channel in Enumerable.Range(0, 40).Select(index => $"channel{index}"))
        {
            var handle = await log.Subscriptions.SubscribeAsync(
                new ChannelSubscription(channel, _ => heard[channel] = true, () => { }), CancellationToken.None);
            handles.Add(handle);
        }

        await stop.CancelAsync();
        await tormenting;

        await Within.True(20, async () => await AllHeardAsync(log, heard, handles.Count), "every channel is heard");
        foreach (var handle in handles)
        {
            await handle.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_rebuild_at_any_moment_of_a_connections_life_throws_nothing()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var log = await LogHarness.ConnectAsync(server);

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < Times; i++)
            {
                log.Subscriptions.Rebuild();
                await Task.Yield();
            }
        })));
    }

    private static async Task TormentAsync(LogHarness log, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            if (i % 2 == 0)
            {
                log.Subscriptions.Rebuild();
            }
            else
            {
                await log.Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<bool> AllHeardAsync(LogHarness log, ConcurrentDictionary<string, bool> heard, int count)
    {
        for (var index = 0; index < count; index++)
        {
            await log.Database.PublishAsync(RedisChannel.Literal($"channel{index}"), "hello");
        }

        return heard.Count == count;
    }
}
