using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Presence;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using Chat.Tests.Telemetry;
using StackExchange.Redis;

namespace Chat.Tests.Overload;

/// <summary>A node that is behind with what it has heard: that is no reason to listen anew.</summary>
public sealed class BacklogTests
{
    /// <summary>Enough that every lane has one of them.</summary>
    private const int Channels = 64;

    [Fact]
    public async Task A_backlog_is_not_taken_for_a_dead_subscription()
    {
        // The lanes still use it when the node ends.
        using var gate = new ManualResetEventSlim();
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "CanaryPeriod=00:00:00.1", "CanaryTimeout=00:00:01");
        var status = node.Get<NodeStatus>();
        await Within.True(10, () => Task.FromResult(status.Hears), "the node hears itself");
        using var broken = new MetricRecorder("chat.subscriptions.broken", node.Get<NodeMetrics>());
        try
        {
            await BlockEveryLaneAsync(node, gate);

            var since = TimeProvider.System.GetTimestamp();
            await Within.True(
                20, () => Task.FromResult(!status.Hears || TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(3)), "three times as long as a canary may take");

            Assert.True(status.Hears);
            Assert.Equal(0, broken.Count(""));
            Assert.InRange(node.Get<SubscriptionConnection>().LaneDelay, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
        }
        finally
        {
            gate.Set();
        }
    }

    private static async Task BlockEveryLaneAsync(TestNode node, ManualResetEventSlim gate)
    {
        var subscriptions = node.Get<SubscriptionConnection>();
        var blocked = 0;
        for (var i = 0; i < Channels; i++)
        {
            await subscriptions.SubscribeAsync(
                new ChannelSubscription(
                    $"block{i}",
                    _ =>
                    {
                        Interlocked.Increment(ref blocked);
                        gate.Wait();
                    },
                    () => { }),
                CancellationToken.None);
            await node.Get<RedisCalls>().Database.PublishAsync(RedisChannel.Literal($"block{i}"), "x");
        }

        await Within.True(10, () => Task.FromResult(Volatile.Read(ref blocked) == Environment.ProcessorCount), "every lane stands still");
    }
}
