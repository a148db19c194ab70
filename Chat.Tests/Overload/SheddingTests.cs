using Chat.Node;
using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using Chat.Tests.Telemetry;
using StackExchange.Redis;

namespace Chat.Tests.Overload;

/// <summary>A node that has too much to do: what it leaves aside first, what last, and that it ends by itself.</summary>
public sealed class SheddingTests
{
    private const string Room = "lobby";
    private const int Channels = 64;

    [Fact]
    public async Task A_node_that_falls_behind_leaves_aside_one_thing_after_the_other_and_takes_all_up_again()
    {
        using var gate = new ManualResetEventSlim();
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "LaneDelayMax=00:00:01", "CanaryPeriod=00:00:00.2");
        await using var ada = await node.JoinAsync("ada", Room);
        var pressure = node.Get<Pressure>();
        using var sheds = new MetricRecorder("chat.sheds", node.Get<NodeMetrics>());
        var subscriptions = node.Get<SubscriptionConnection>();
        for (var i = 0; i < Channels; i++)
        {
            await subscriptions.SubscribeAsync(new ChannelSubscription($"block{i}", _ => gate.Wait(), () => { }), CancellationToken.None);
            await node.Get<RedisCalls>().Database.PublishAsync(RedisChannel.Literal($"block{i}"), "x");
        }

        try
        {
            // In the order in which they are shed, each while the next one is not.
            await Within.True(20, () => Task.FromResult(pressure.Sheds(Load.Typing)), "it is behind");
            Assert.False(pressure.Sheds(Load.Joins));
            await ada.SendAsync(new TypingFrame(Room));
            await Within.True(20, () => Task.FromResult(pressure.Sheds(Load.History)), "it is further behind");
            Assert.False(pressure.Sheds(Load.Sends));
            await ada.SendAsync(new HistoryRequestFrame(Room));
            Assert.Equal(ErrorCode.Unavailable, (await ada.NextAsync<ErrorFrame>()).Code);
            await ada.NextAsync<StatusFrame>(told => told.Degraded, seconds: 20);
            await ada.SendAsync(new SendFrame(Room, "m", "hi"));
            var nack = await ada.NextAsync<NackFrame>();

            Assert.Equal((ErrorCode.Unavailable, true), (nack.Code, nack.Retryable));
            Assert.InRange(nack.RetryAfterMs ?? 0, 1, 60_000);
            Assert.Equal(1, sheds.Count("typing"));
            Assert.Equal(1, sheds.Count("history"));
            Assert.Equal(1, sheds.Count("sends"));
        }
        finally
        {
            gate.Set();
        }

        await ada.NextAsync<StatusFrame>(told => !told.Degraded);
        await ada.SendAsync(new SendFrame(Room, "m", "hi"));

        // Either may come first.
        await Within.True(
            10,
            () => Task.FromResult(ada.Frames.OfType<AckFrame>().Any(ack => ack.Id == "m") && ada.Frames.OfType<MessageFrame>().Any(message => message.Id == "m")),
            "the message is acked and shown");
    }
}
