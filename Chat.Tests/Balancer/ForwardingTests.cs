using System.Net.Sockets;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

public sealed class ForwardingTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Requests_follow_one_another_on_one_connection()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET /{i} HTTP/1.1\r\nHost: chat\r\n\r\n");
            var (head, _) = await node.AnswerAsync(Ok);

            Assert.StartsWith($"GET /{i} HTTP/1.1\r\n", head, StringComparison.Ordinal);
            Assert.Contains("Connection: keep-alive\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal("ok", await client.ReadAsync(2));
        }
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
        await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");

        var answers = await client.ReadToEndAsync();
        Assert.Equal(["1HTTP/1.1 200 OK", "2"], answers.Split("\r\n").Where(line => line.StartsWith('1') || line.StartsWith('2')));
    }

    [Fact]
    public async Task Fields_of_one_hop_stay_behind_and_forwarding_fields_are_the_balancers_own()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "Id=b1");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: chat:80\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
            + "Proxy-Connection: x\r\nUpgrade: h2c\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n"
            + "X-Chat-Balancer: me\r\nAccept: */*\r\nCookie: a=b\r\n\r\n");
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.Equal(
            "GET / HTTP/1.1\r\nHost: chat:80\r\nAccept: */*\r\nCookie: a=b\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
            + "Via: 1.1 b1\r\nX-Chat-Balancer: b1\r\nX-Forwarded-Host: chat:80\r\nConnection: close\r\n\r\n",
            WithoutTrace(head));
    }

    [Fact]
    public async Task Bodies_with_a_length_pass_both_ways()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();
        var body = new string('x', 300_000);

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var (head, peer) = await node.NextAsync();
        Assert.Contains($"Content-Length: {body.Length}\r\n", head, StringComparison.Ordinal);
        Assert.Equal(body, await peer.ReadAsync(body.Length));
        await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        await client.ReadHeadAsync();
        Assert.Equal(body, await client.ReadAsync(body.Length));
    }

    [Fact]
    public async Task Chunked_bodies_pass_both_ways()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();
        const string Body = "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{Body}GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
        var (_, peer) = await node.NextAsync();
        Assert.Equal(Body, await peer.ReadAsync(Body.Length));
        await peer.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Body);

        await client.ReadHeadAsync();
        Assert.Equal(Body, await client.ReadAsync(Body.Length));
        Assert.StartsWith("GET /next ", (await node.NextAsync()).Head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n")]
    public async Task Responses_without_a_body_leave_the_connection_usable(string method, string response)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        await node.AnswerAsync(response);
        var head = await client.ReadHeadAsync();
        await client.SendAsync("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(response.Contains("Content-Length: 100"), head.Contains("Content-Length: 100"));
        Assert.StartsWith("GET /next ", (await node.NextAsync()).Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_without_a_length_ends_with_the_connection()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var (_, peer) = await node.AnswerAsync("HTTP/1.1 200 OK\r\n\r\nall of it");
        peer.Dispose();

        var answer = await client.ReadToEndAsync();
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("all of it", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_response_is_a_reset_for_the_client_and_not_a_short_body()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var (_, peer) = await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        peer.Dispose();

        Assert.True(await client.IsResetAsync());
    }

    [Fact]
    public async Task Expectation_of_100_continue_goes_through_before_the_body_does()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        var (head, peer) = await node.AnswerAsync("HTTP/1.1 100 Continue\r\n\r\n");
        Assert.Contains("Expect: 100-continue\r\n", head, StringComparison.Ordinal);
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadHeadAsync());
        await client.SendAsync("body");
        Assert.Equal("body", await peer.ReadAsync(4));
        await peer.SendAsync(Ok);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_before_the_body_is_complete_closes_both_connections()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome");
        await node.AnswerAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_to_a_large_upload_arrives_whole_although_the_rest_is_not_wanted()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\nsome");
        await node.AnswerAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
        await client.SendAsync(new string('x', 100_000));
        var head = await client.ReadHeadAsync();
        await client.SendAsync(new string('x', 100_000));
        client.EndSending();

        Assert.StartsWith("HTTP/1.1 413 ", head, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Upload_that_takes_longer_than_an_answer_may_take_is_not_cut()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "ResponseSeconds=0.3", "ConnectSeconds=0.05");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\n");
        var (_, peer) = await node.NextAsync();
        using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        for (var i = 0; i < 16; i++)
        {
            await drip.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await client.SendAsync("x");
        }

        Assert.Equal(new string('x', 16), await peer.ReadAsync(16));
        await peer.SendAsync(Ok);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cut_request_is_a_reset_for_the_node_and_not_a_short_body()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome");
        var (_, peer) = await node.NextAsync();
        client.EndSending();

        Assert.True(await peer.IsResetAsync());
    }

    [Fact]
    public async Task Client_that_breaks_off_ends_its_request_at_the_node()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
        var (_, peer) = await node.AnswerAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.ReadHeadAsync();
        client.Reset();

        Assert.True(await peer.IsResetAsync());
    }

    [Fact]
    public async Task Http_1_0_request_is_answered_and_the_connection_closed()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.0\r\n\r\n");
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.StartsWith("GET / HTTP/1.0\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("ok", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_that_the_node_refuses_is_answered_as_it_answered()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(TestBalancer.WebSocketRequest);
        await node.AnswerAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync("the handshake no longer counts", () => balancer.Table.Current[0].Destination.Connections == 0);
    }

    [Fact]
    public async Task Node_that_does_not_answer_is_given_up_with_504()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "ResponseSeconds=0.5", "ConnectSeconds=0.1");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(TestBalancer.WebSocketRequest);

        Assert.StartsWith("HTTP/1.1 504 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_that_stands_still_is_cut_with_408()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "BodyIdleSeconds=0.3");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome");

        Assert.StartsWith("HTTP/1.1 408 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Malformed_response_is_a_502()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sockets")]
    [InlineData("epoll")]
    [InlineData("auto")]
    public async Task Every_engine_carries_many_tunnels(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], $"Engine={engine}");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            using var client = await balancer.ConnectAsync();
            await client.SendAsync(TestBalancer.WebSocketRequest);
            using var peer = (await node.AnswerAsync(TestBalancer.WebSocketResponse)).Peer;
            await client.ReadHeadAsync();
            for (var round = 0; round < 20; round++)
            {
                var text = new string((char)('a' + (i % 26)), 1 + (round * 997));
                await peer.SendAsync(text);
                await client.ReadAsync(text.Length);
            }
        }));

        await Eventually.HoldsAsync("all tunnels are closed", () => balancer.Tunnels == 0);
        Assert.Equal(0, balancer.Table.Current[0].Destination.Connections);
    }

    [Fact]
    public async Task Idle_keep_alive_connection_is_closed_and_does_not_delay_leaving()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "DrainSeconds=30");
        using var client = await balancer.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await node.AnswerAsync(Ok);
        await client.ReadHeadAsync();
        await client.ReadAsync(2);

        await balancer.StopAsync().WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Leaving_lets_tunnels_end_and_then_resets_the_rest()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "DrainSeconds=0.5");
        var (ends, endsPeer) = await balancer.TunnelAsync(node);
        var (stays, _) = await balancer.TunnelAsync(node);

        var stopping = balancer.StopAsync();
        await endsPeer.SendAsync("bye");
        endsPeer.Dispose();

        Assert.Equal("bye", await ends.ReadToEndAsync());
        Assert.True(await stays.IsResetAsync());
        await stopping;
        await Assert.ThrowsAnyAsync<SocketException>(balancer.ConnectAsync);
    }

    /// <summary>The span of the forwarding itself has an id that no test knows.</summary>
    private static string WithoutTrace(string head) =>
        string.Join("\r\n", head.Split("\r\n").Where(line => !line.StartsWith("traceparent: ", StringComparison.Ordinal)));
}
