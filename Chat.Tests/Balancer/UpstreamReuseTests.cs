using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>Connections to nodes that serve several requests, one after the other.</summary>
public sealed class UpstreamReuseTests
{
    private const string Keeping = "IdleUpstreamsMax=2";
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Next_request_of_another_client_takes_the_same_connection()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var first = await balancer.ConnectAsync();
        using var second = await balancer.ConnectAsync();
        var (head, peer) = await GetAsync(balancer, node, first);

        await second.SendAsync(Get);
        await peer.ReadHeadAsync();
        await peer.SendAsync(Ok);

        Assert.Contains("Connection: keep-alive\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await second.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(0, node.Waiting);
    }

    [Fact]
    public async Task Connection_that_the_node_has_closed_is_not_used()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var client = await balancer.ConnectAsync();
        var (_, peer) = await GetAsync(balancer, node, client);
        peer.Dispose();

        await client.SendAsync(Get);
        await node.AnswerAsync(Ok);

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kept_connection_that_closes_at_the_request_costs_a_retry_and_no_answer_and_speaks_not_against_the_node()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var client = await balancer.ConnectAsync();
        var (_, peer) = await GetAsync(balancer, node, client);

        await client.SendAsync("GET /again HTTP/1.1\r\nHost: a\r\n\r\n");
        await peer.ReadHeadAsync();
        peer.Dispose();
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.StartsWith("GET /again HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(0, balancer.Table.Current[0].Destination.EarlyCloses);
    }

    [Fact]
    public async Task Kept_connection_that_closes_within_its_answer_is_a_502_and_no_retry()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var client = await balancer.ConnectAsync();
        var (_, peer) = await GetAsync(balancer, node, client);

        await client.SendAsync(Get);
        await peer.ReadHeadAsync();
        await peer.SendAsync("HTTP/1.1 2");
        peer.Dispose();

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, node.Waiting);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")]
    public async Task Request_with_a_body_or_that_may_not_be_sent_twice_has_a_connection_of_its_own(string request)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var client = await balancer.ConnectAsync();
        await GetAsync(balancer, node, client);

        await client.SendAsync(request);
        var (head, _) = await node.AnswerAsync(Ok);
        await client.ReadHeadAsync();
        await client.ReadAsync(2);

        Assert.Contains("Connection: close\r\n", head, StringComparison.Ordinal);
        Assert.Equal(1, balancer.IdleUpstreams);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more than that")]
    public async Task Connection_is_not_kept_after_an_answer_that_ends_it_or_has_too_much(string answer)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await node.AnswerAsync(answer);
        await client.ReadHeadAsync();
        await client.ReadAsync(2);

        await client.SendAsync(Get);
        await node.AnswerAsync(Ok);

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_nobody_asked_for_end_a_kept_connection()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var client = await balancer.ConnectAsync();
        var (_, peer) = await GetAsync(balancer, node, client);

        await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");

        await Eventually.HoldsAsync("it is closed", () => balancer.IdleUpstreams == 0);
        await client.SendAsync(Get);
        await node.AnswerAsync(Ok);
        await client.ReadHeadAsync();
        Assert.Equal("ok", await client.ReadAsync(2));
    }

    [Fact]
    public async Task Client_that_breaks_off_later_does_not_harm_who_has_the_connection_now()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping);
        using var first = await balancer.ConnectAsync();
        using var second = await balancer.ConnectAsync();
        var (_, peer) = await GetAsync(balancer, node, first);
        await second.SendAsync(Get);
        await peer.ReadHeadAsync();

        first.Reset();
        await Eventually.HoldsAsync("the balancer has noticed", () => balancer.Connections == 1);
        await peer.SendAsync(Ok);

        Assert.StartsWith("HTTP/1.1 200 ", await second.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_breaks_off_does_not_speak_against_the_node()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        for (var i = 0; i < 3; i++)
        {
            using var client = await balancer.ConnectAsync();
            await client.SendAsync(Get);
            var (_, peer) = await node.NextAsync();
            client.Reset();
            Assert.True(await peer.IsResetAsync());
        }

        await Eventually.HoldsAsync("the balancer has noticed", () => balancer.Connections == 0);
        Assert.Equal(0, balancer.Table.Current[0].Destination.EarlyCloses);
    }

    [Fact]
    public async Task Few_are_kept_and_not_for_long()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], Keeping, "IdleUpstreamSeconds=1.5");
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => balancer.ConnectAsync()));
        foreach (var client in clients)
        {
            await client.SendAsync(Get);
        }

        // All four are under way before one is answered: a connection that has become free would carry the next request.
        var peers = await Task.WhenAll(clients.Select(_ => node.NextAsync()));
        await Task.WhenAll(peers.Select(request => request.Peer.SendAsync(Ok)));

        await Eventually.HoldsAsync("as many as may be are kept", () => balancer.IdleUpstreams == 2);
        await Task.WhenAll(peers.Select(request => request.Peer.ReadToEndAsync()));
        Assert.Equal(0, balancer.IdleUpstreams);
    }

    /// <summary>A request after which the node's connection is kept.</summary>
    private static async Task<(string Head, RawPeer Peer)> GetAsync(TestBalancer balancer, RawNode node, RawPeer client)
    {
        await client.SendAsync(Get);
        var request = await node.AnswerAsync(Ok);
        await client.ReadHeadAsync();
        Assert.Equal("ok", await client.ReadAsync(2));
        await Eventually.HoldsAsync("the connection is kept", () => balancer.IdleUpstreams == 1);
        return request;
    }
}
