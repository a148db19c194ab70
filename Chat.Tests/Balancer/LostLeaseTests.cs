using System.Diagnostics;
using Chat.Protocol;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;

namespace Chat.Tests.Balancer;

/// <summary>A lease that is gone may be Redis' doing: what works goes on.</summary>
[Collection(ClusterSuite.Name)]
public sealed class LostLeaseTests
{
    private static readonly string[] Impatient =
        ["AbandonSeconds=0.3", "LeaseGraceSeconds=0.2", "ProbePeriodSeconds=0.1", "ProbeTimeoutSeconds=0.2", "ConnectSeconds=0.2", "SlowStartSeconds=0"];

    public enum Cause
    {
        RedisLostItsData,

        /// <summary>They say that they are not ready, and their leases run out one after the other.</summary>
        NodesAreCutOffFromRedis,

        /// <summary>Nodes so busy that their leases ran out, and so do their probes.</summary>
        NodesAnswerNoProbe,
    }

    [Theory]
    [InlineData(Cause.RedisLostItsData)]
    [InlineData(Cause.NodesAreCutOffFromRedis)]
    [InlineData(Cause.NodesAnswerNoProbe)]
    public async Task When_all_leases_are_gone_the_table_stays_and_no_tunnel_that_moves_bytes_is_reset(Cause cause)
    {
        using var a = new RawNode("a");
        using var b = new RawNode("b");
        using var c = new RawNode("c");
        await using var balancer = await TestBalancer.StartAsync([a, b, c], [.. Impatient, "Policy=least-connections"]);
        (RawNode Node, RawPeer Client, RawPeer Peer)[] tunnels =
            [await OpenAsync(balancer, a, b, c), await OpenAsync(balancer, a, b, c), await OpenAsync(balancer, a, b, c)];
        Assert.Equal(3, tunnels.Select(tunnel => tunnel.Node.Id).Distinct().Count());

        foreach (var node in new[] { a, b, c })
        {
            node.Ready = cause != Cause.NodesAreCutOffFromRedis;
            node.Paused = cause == Cause.NodesAnswerNoProbe;
        }

        List<NodeLease> leases = cause == Cause.NodesAreCutOffFromRedis ? [a.Lease(), b.Lease(), c.Lease()] : [];
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < 2)
        {
            leases.RemoveRange(0, Math.Min(1, leases.Count));
            balancer.Table.Apply([.. leases]);
            foreach (var (_, client, peer) in tunnels)
            {
                await peer.SendAsync("down");
                Assert.Equal("down", await client.ReadAsync(4));
                await client.SendAsync("up");
                Assert.Equal("up", await peer.ReadAsync(2));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Equal(3, balancer.Table.Current.Length);
        await OpenAsync(balancer, a, b, c);
    }

    [Fact]
    public async Task Single_node_that_answers_keeps_its_idle_tunnels_after_its_lease_is_gone_and_gets_nothing_new()
    {
        using var cutOff = new RawNode("a");
        using var b = new RawNode("b");
        using var c = new RawNode("c");
        await using var balancer = await TestBalancer.StartAsync([cutOff], Impatient);
        var (client, peer) = await balancer.TunnelAsync(cutOff);
        cutOff.Ready = false;

        await ApplyAsync(balancer, "a is gone", () => balancer.Table.Current.All(view => view.Destination.Id != "a"), b.Lease(), c.Lease());
        var gone = Stopwatch.GetTimestamp();
        await Eventually.HoldsAsync("well beyond the time to abandon", () => Stopwatch.GetElapsedTime(gone).TotalSeconds > 1.5);

        await peer.SendAsync("still here");
        Assert.Equal("still here", await client.ReadAsync(10));
        balancer.Table.Apply([cutOff.Lease(), b.Lease(), c.Lease()]);
        Assert.Equal(1, balancer.Table.Current[0].Destination.Connections);
    }

    [Fact]
    public async Task Tunnels_to_a_node_that_is_gone_without_closing_them_are_reset()
    {
        using var paused = new RawNode("a");
        using var other = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([paused], Impatient);
        var (client, _) = await balancer.TunnelAsync(paused);

        paused.Paused = true;
        await ApplyAsync(balancer, "it is gone", () => balancer.Table.Current is [{ Destination.Id: "b" }], other.Lease());

        Assert.True(await client.IsResetAsync());
    }

    [Fact]
    public async Task Node_that_stood_still_and_is_back_keeps_its_tunnels()
    {
        using var node = new RawNode("a");
        using var other = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([node], [.. Impatient, "AbandonSeconds=60"]);
        var (client, peer) = await balancer.TunnelAsync(node);
        var before = balancer.Table.Current[0].Destination;
        node.Paused = true;
        await ApplyAsync(balancer, "it is gone", () => balancer.Table.Current is [{ Destination.Id: "b" }], other.Lease());

        balancer.Table.Apply([node.Lease(), other.Lease()]);

        Assert.Same(before, balancer.Table.Current[0].Destination);
        Assert.Equal(1, before.Connections);
        await peer.SendAsync("still here");
        Assert.Equal("still here", await client.ReadAsync(10));
    }

    [Fact]
    public async Task Nodes_that_are_dead_leave_the_table_even_when_all_leases_are_gone()
    {
        var a = new RawNode("a");
        var b = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([a, b], Impatient);
        a.Dispose();
        b.Dispose();

        await ApplyAsync(balancer, "they are gone", () => balancer.Table.Current.IsEmpty);
    }

    [Fact]
    public async Task Node_at_another_address_is_another_destination()
    {
        using var first = new RawNode("a");
        using var moved = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([first]);

        balancer.Table.Apply([moved.Lease()]);

        await balancer.TunnelAsync(moved);
    }

    private static Task ApplyAsync(TestBalancer balancer, string what, Func<bool> holds, params NodeLease[] leases) =>
        Eventually.HoldsAsync(
            what,
            () =>
            {
                balancer.Table.Apply(leases);
                return holds();
            });

    /// <summary>A tunnel to whichever node was picked.</summary>
    private static async Task<(RawNode Node, RawPeer Client, RawPeer Peer)> OpenAsync(TestBalancer balancer, params RawNode[] nodes)
    {
        var client = await balancer.ConnectAsync();
        await client.SendAsync(TestBalancer.WebSocketRequest);
        await Eventually.HoldsAsync("a node has the handshake", () => nodes.Any(node => node.Waiting > 0));
        var node = nodes.First(node => node.Waiting > 0);
        var (_, peer) = await node.AnswerAsync(TestBalancer.WebSocketResponse);
        await client.ReadHeadAsync();
        return (node, client, peer);
    }
}
