using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Rooms;
using Chat.Tests.Log;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using Chat.Wires;
using CsCheck;
using StackExchange.Redis;

namespace Chat.Tests.Rooms;

/// <summary>Rooms are subscribed while they have members and released after, however they come and go.</summary>
public sealed class RoomDirectoryTests
{
    private const int RoomsCount = 3;
    private const int Runs = 8;

    [Fact]
    public async Task Members_who_come_and_go_at_random_hear_everything_while_they_are_there_and_nothing_stays_subscribed()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);

        // Released so soon that a release meets the next join all the time.
        await using var node = await TestNode.StartAsync(redis, "n0", "RoomReleaseDelay=00:00:00.002", "PresenceGrace=00:00:00.001");
        var run = 0;

        await Gen.Select(Gen.Int[0, RoomsCount - 1], Gen.Int[0, 6]).Array[10, 40].Array[4].SampleAsync(
            async visitors =>
            {
                var name = $"run{Interlocked.Increment(ref run)}";
                await Within.Seconds(
                    60,
                    token => Task.WhenAll(visitors.Select((visits, index) => Task.Run(
                        async () =>
                        {
                            foreach (var (room, stay) in visits)
                            {
                                await VisitAsync(node, $"{name}-{room}", $"{name}-visitor{index}", stay);
                            }
                        },
                        token))),
                    "all visits");
            },
            iter: Runs,
            threads: 1);

        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var server = client.GetServers().Single();
        await Within.True(20, async () => (await server.SubscriptionChannelsAsync(RedisChannel.Pattern("chat:{run*"))).Length == 0, "no room is subscribed");
    }

    /// <summary>Joins, hears what it writes itself, and leaves.</summary>
    private static Task VisitAsync(TestNode node, string room, string user, int stay)
    {
        var loop = node.Get<NodeLoops>().Next();
        return loop.RunAsync(() => VisitAsync(node, loop, room, user, stay));
    }

    private static async Task VisitAsync(TestNode node, WireLoop loop, string room, string user, int stay)
    {
        var (rooms, backplane) = (node.Get<RoomDirectory>(), node.Get<IBackplane>());
        var heard = new HeardSink();
        var queue = new OutboundQueue(heard, int.MaxValue);
        var connection = ChatClient.NewMessageId();
        var member = await rooms.JoinAsync(
            new JoinRequest(room, connection, user, After: null, Traced: false, queue, loop, () => Assert.Fail("The queue is not full")),
            CancellationToken.None);
        for (var i = 0; i < stay; i++)
        {
            var id = $"{connection}-{i}";
            await backplane.PublishAsync(LogHarness.Message(room, user, id), CancellationToken.None);
            await Within.True(20, () => Task.FromResult(heard.Text.Contains(id, StringComparison.Ordinal)), $"{id} in {room}");
        }

        rooms.Leave(member, Departure.Left);
    }
}
