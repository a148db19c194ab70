using Chat.Node.Backplane;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Presence;

/// <summary>Redis holds something else of a room's people than the nodes believe.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public async Task Numbers_that_come_again_after_a_failover_are_noticed()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var first = await TestNode.StartAsync(redis, "n0");
        await using var second = await TestNode.StartAsync(redis, "n1");
        await using var ada = await first.JoinAsync("ada", "lobby");
        await using var bob = await second.JoinAsync("bob", "lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        // As a replica that became the primary without the last change, behind an address that stayed.
        await first.Get<RedisCalls>().Database.HashDecrementAsync("chat:{lobby}:presence", ":seq");
        await using var carl = await second.JoinAsync("carl", "lobby");

        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("carl"));
    }

    [Fact]
    public async Task A_room_whose_people_cannot_be_read_can_be_joined()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        await node.Get<RedisCalls>().Database.HashSetAsync("chat:{lobby}:presence", ":seq", "no number");
        await using var ada = await node.ConnectAsync("ada");

        var joined = await ada.JoinAsync("lobby");

        Assert.Equal(["ada"], joined.Members);
    }
}
