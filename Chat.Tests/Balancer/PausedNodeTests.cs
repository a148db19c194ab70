using Chat.Lab.Cluster;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;
using Chat.Tests.Presence.Support;
using RedisServer = Chat.Lab.Cluster.RedisServer;

namespace Chat.Tests.Balancer;

/// <summary>A real process that really stands still: the kernel goes on taking its connections.</summary>
[Collection(ClusterSuite.Name)]
public sealed class PausedNodeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Node_under_SIGSTOP_is_out_within_three_seconds_and_comes_back()
    {
        await using var redis = await RedisServer.StartAsync(RedisServerKind.Embedded);
        await using var node = await NodeProcess.StartAsync(redis, "a");
        await using var balancer = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.ConnectionString}");
        await Eventually.HoldsAsync("the node is in", () => balancer.Table.Current is [{ Usable: true }]);

        node.Pause();
        var paused = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync("the node is out", () => !balancer.Table.Current.Any(view => view.Usable));
        var outAfter = TimeProvider.System.GetElapsedTime(paused);
        node.Continue();

        output.WriteLine($"Out after {outAfter.TotalSeconds:0.00} s");
        Assert.InRange(outAfter.TotalSeconds, 0, 3);
        await Eventually.HoldsAsync("the node is in again", () => balancer.Table.Current is [{ Usable: true }]);
    }
}
