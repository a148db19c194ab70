using Chat.Lab.Cluster;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>A node that is told to leave does so in time, whatever its clients do.</summary>
[Collection(ClusterSuite.Name)]
public sealed class LeavingTests
{
    [Fact]
    public async Task A_peer_that_stays_is_told_and_then_cut_when_the_time_to_drain_is_over()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions
        {
            Nodes = 2,
            Redis = RedisServerKind.RedisServer,
            NodeSettings = ["DrainTimeout=00:00:02", "CloseTimeout=00:05:00", "PresenceGrace=00:00:00.001"],
        });
        using var stays = await RawWebSocket.ConnectAsync(cluster.Nodes[0].DirectUrl, cluster.TokenFor("stays"));
        await stays.SendAsync(new JoinFrame("lobby"));
        await stays.ReadAsync<JoinedFrame>();

        var leaving = cluster.Nodes[0].DrainAsync();
        var (code, before) = await stays.ReadToCloseAsync();
        await Within.Seconds(15, token => leaving.WaitAsync(token), "the node has ended");

        Assert.Equal((int)CloseCode.Drain, code);
        Assert.Single(before.OfType<DrainFrame>());
        using var other = await RawWebSocket.ConnectAsync(cluster.Nodes[1].DirectUrl, cluster.TokenFor("other"));
        await other.SendAsync(new JoinFrame("lobby"));
        Assert.Equal(["other"], (await other.ReadAsync<JoinedFrame>()).Members);
    }
}
