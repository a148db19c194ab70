using Chat.Lab.Cluster;
using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Overload;

/// <summary>Redis answers, and takes nothing more.</summary>
public sealed class FullRedisTests
{
    [Fact]
    public async Task Nodes_of_a_Redis_that_is_full_stay_in_the_table_say_so_and_recover()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0", "NodeLease=00:00:01.5", "NodeLeaseRenewal=00:00:00.3", "RedisDeadline=00:00:01", "PresenceGrace=00:00:01");
        await using var ada = await node.JoinAsync("ada", "lobby");
        var database = node.Get<RedisCalls>().Database;
        var status = node.Get<NodeStatus>();

        await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await ada.NextAsync<StatusFrame>(told => told.Degraded);
        await ada.SendAsync(new SendFrame("lobby", "m", "hi"));
        Assert.Equal(ErrorCode.Unavailable, (await ada.NextAsync<NackFrame>()).Code);
        var since = TimeProvider.System.GetTimestamp();
        var kept = true;
        await Within.True(
            20,
            async () =>
            {
                kept &= await database.KeyExistsAsync(NodeLeaseCodec.KeyOf("n0"));
                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(4);
            },
            "twice as long as a lease lives");
        Assert.True(kept);
        Assert.True(status.IsReady);

        await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await ada.NextAsync<StatusFrame>(told => !told.Degraded);
        await ada.SendAsync(new SendFrame("lobby", "m", "hi"));
        Assert.Equal("m", (await ada.NextAsync<AckFrame>()).Id);
    }
}
