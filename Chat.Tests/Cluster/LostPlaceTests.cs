using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Cluster;

/// <summary>Redis loses writes of a room that no node has open: nobody is left who could notice, but the client who comes back.</summary>
public sealed class LostPlaceTests
{
    private const string Room = "lobby";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_knows_what_it_saw_last_is_told_that_it_is_gone(bool embedded)
    {
        await using var redis = await (embedded ? TestRedis.StartEmbeddedAsync() : TestRedis.StartRedisServerAsync());
        await using var node = await TestNode.StartAsync(redis, "n0", "RoomReleaseDelay=00:00:00.1", "PresenceGrace=00:00:00.1");
        var position = await SendAsync(node, "ada", 10);

        // As a failover to a replica that had not got the last three.
        var database = node.Get<RedisCalls>().Database;
        await Within.True(10, async () => ((RedisResult[])(await database.ExecuteAsync("PUBSUB", "NUMSUB", LogKeys.Channel(Room).ToString()))!)[1].ToString() == "0", "no node has the room open");
        for (var i = 0; i < 3; i++)
        {
            await database.ListRightPopAsync(LogKeys.Log(Room));
        }

        await database.HashSetAsync(LogKeys.Meta(Room), "offset", 7);
        await SendAsync(node, "bob", 4);

        await using var back = await node.ConnectAsync("ada");
        await back.SendAsync(new JoinFrame(Room, position with { Id = "ada10" }));
        var told = await back.NextAsync<JoinedFrame>();
        await back.SendAsync(new JoinFrame(Room, new Position(told.Epoch, told.Offset) { Id = "bob4" }));
        var right = await back.NextAsync<JoinedFrame>();

        Assert.False(told.Recovered);
        Assert.Equal(["bob1", "bob2", "bob3", "bob4"], told.Messages.Select(message => message.Id).TakeLast(4));
        Assert.True(right.Recovered);
        Assert.Empty(right.Messages);
    }

    [Fact]
    public async Task A_position_in_no_log_is_no_position()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        await SendAsync(node, "ada", 1);
        await using var ada = await node.ConnectAsync("ada");

        await ada.SendAsync(new JoinFrame(Room, new Position("", 1)));

        Assert.False((await ada.NextAsync<JoinedFrame>()).Recovered);
    }

    [Fact]
    public async Task History_from_no_place_begins_with_the_newest()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        await SendAsync(node, "ada", 5);
        await using var ada = await node.JoinAsync("ada", Room);

        await ada.SendAsync(new HistoryRequestFrame(Room, Limit: 2));
        var page = await ada.NextAsync<HistoryFrame>();

        Assert.Equal(["ada4", "ada5"], page.Messages.Select(message => message.Id));
        Assert.True(page.More);
    }

    private static async Task<Position> SendAsync(TestNode node, string user, int count)
    {
        await using var peer = await node.JoinAsync(user, Room);
        Position? last = null;
        for (var i = 1; i <= count; i++)
        {
            await peer.SendAsync(new SendFrame(Room, $"{user}{i}", "hi"));
            var ack = await peer.NextAsync<AckFrame>();
            last = new Position(ack.Epoch, ack.Offset);
        }

        return last!;
    }
}
