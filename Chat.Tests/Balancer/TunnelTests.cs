using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>The bytes of a tunnel, on the own loops and on the runtime's sockets.</summary>
public sealed class TunnelTests
{
    private const long InFlightMax = 64 * 1024 * 1024;

    public static TheoryData<string> Engines => ["Engine=auto", "Engine=epoll", "Engine=sockets"];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Bytes_pass_both_ways_untouched(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        await client.SendAsync("up\0\r\n\r\n");
        await peer.SendAsync("down\0\r\n\r\n");

        Assert.Equal("up\0\r\n\r\n", await peer.ReadAsync(7));
        Assert.Equal("down\0\r\n\r\n", await client.ReadAsync(9));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Bytes_sent_right_behind_either_head_are_not_lost(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(TestBalancer.WebSocketRequest + "early");
        var (_, peer) = await node.AnswerAsync(TestBalancer.WebSocketResponse + "also early");

        await client.ReadHeadAsync();
        Assert.Equal("also early", await client.ReadAsync(10));
        Assert.Equal("early", await peer.ReadAsync(5));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Half_close_by_the_client_leaves_the_other_direction_open(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        await client.SendAsync("last");
        client.EndSending();

        Assert.Equal("last", await peer.ReadToEndAsync());
        await peer.SendAsync("still here");
        peer.EndSending();
        Assert.Equal("still here", await client.ReadToEndAsync());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Half_close_by_the_node_leaves_the_other_direction_open(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        peer.EndSending();

        Assert.Equal("", await client.ReadToEndAsync());
        await client.SendAsync("still here");
        Assert.Equal("still here", await peer.ReadAsync(10));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Reset_by_the_client_resets_the_node(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        client.Reset();

        Assert.True(await peer.IsResetAsync());
        await Eventually.HoldsAsync("no tunnel is left", () => balancer.Tunnels == 0);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Reset_by_the_node_resets_the_client(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        peer.Reset();

        Assert.True(await client.IsResetAsync());
        await Eventually.HoldsAsync("the node has no connection", () => balancer.Table.Current[0].Destination.Connections == 0);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Slow_client_holds_back_its_node_and_nothing_is_lost(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        await AssertHeldBackAsync(sender: peer, reader: client);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Slow_node_holds_back_its_client_and_nothing_is_lost(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine);
        var (client, peer) = await balancer.TunnelAsync(node);

        await AssertHeldBackAsync(sender: client, reader: peer);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Tunnel_that_stands_still_is_cut(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], engine, "TunnelIdleSeconds=0.2");
        var (client, peer) = await balancer.TunnelAsync(node);

        var resets = await Task.WhenAll(client.IsResetAsync(), peer.IsResetAsync());

        Assert.Equal([true, true], resets);
    }

    /// <summary>Nobody reads: the sends must come to stand, with no more than the kernels' buffers in flight.</summary>
    private static async Task AssertHeldBackAsync(RawPeer sender, RawPeer reader)
    {
        var chunk = new byte[64 * 1024];
        new Random(1).NextBytes(chunk);
        sender.Socket.Blocking = false;
        var accepted = 0L;
        var standstill = 0;
        while (standstill < 20 && accepted <= InFlightMax)
        {
            var sent = sender.Socket.Send(chunk.AsSpan((int)(accepted % chunk.Length)), default, out _);
            accepted += Math.Max(0, sent);
            standstill = sent > 0 ? 0 : standstill + 1;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        Assert.InRange(accepted, 1, InFlightMax);
        sender.EndSending();
        var received = await reader.ReadToEndAsync();
        Assert.Equal(accepted, received.Length);
        Assert.True(Enumerable.Range(0, received.Length).All(i => received[i] == chunk[i % chunk.Length]));
    }
}
