using System.Net;
using Chat.Protocol;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;

namespace Chat.Tests.Balancer;

[Collection(ClusterSuite.Name)]
public sealed class DestinationTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Without_a_destination_clients_are_told_when_to_come_back()
    {
        await using var balancer = await TestBalancer.StartAsync();
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(TestBalancer.WebSocketRequest);

        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Matches("Retry-After: ([1-9]|10)\r\n", answer);
    }

    [Fact]
    public async Task Full_queue_of_the_only_node_is_told_apart_from_no_node_at_all()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "HandshakesPerSecondPerNodeMax=1", "HandshakeQueueMax=0");
        await balancer.TunnelAsync(node);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(TestBalancer.WebSocketRequest);

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(["node-handshake-queue"], balancer.Telemetry.Refusals.Keys);
    }

    [Fact]
    public async Task Killed_node_is_out_at_the_first_failed_connect_and_the_request_goes_to_another()
    {
        var dead = new RawNode("a");
        using var alive = new RawNode("b");
        dead.Dispose();
        await using var balancer = await TestBalancer.StartAsync([dead, alive], "ProbePeriodSeconds=60", "SlowStartSeconds=0", "Policy=round-robin");

        for (var i = 0; i < 4; i++)
        {
            using var client = await balancer.ConnectAsync();
            await client.SendAsync(Get);
            await alive.AnswerAsync(Ok);
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        }

        Assert.False(balancer.Table.Current[0].Destination.Health.Healthy);
        Assert.InRange(balancer.Table.Current[0].Destination.FailedConnects, 0, 1);
    }

    [Fact]
    public async Task Request_that_has_reached_a_node_is_not_sent_to_another()
    {
        using var first = new RawNode("a");
        using var second = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([first, second]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        await Eventually.HoldsAsync("a node has the request", () => first.Waiting + second.Waiting == 1);
        var taker = first.Waiting == 1 ? first : second;
        (await taker.NextAsync()).Peer.Dispose();

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, first.Waiting + second.Waiting);
    }

    [Fact]
    public async Task Draining_node_gets_nothing_new_and_keeps_its_tunnels()
    {
        using var leaving = new RawNode("a");
        using var staying = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([leaving]);
        var (client, peer) = await balancer.TunnelAsync(leaving);

        balancer.Table.Apply([leaving.Lease(NodeState.Draining), staying.Lease()]);
        for (var i = 0; i < 5; i++)
        {
            await balancer.TunnelAsync(staying);
        }

        await peer.SendAsync("still");
        Assert.Equal("still", await client.ReadAsync(5));
    }

    [Fact]
    public async Task Paused_node_is_out_within_three_seconds_and_back_when_it_answers()
    {
        using var node = new RawNode("a");
        using var other = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([node, other]);
        var destination = balancer.Table.Current[0].Destination;

        await Eventually.HoldsAsync("it has been probed", () => destination.Health.Last == "ok");
        node.Paused = true;
        await Eventually.HoldsAsync("it is out", () => !destination.Health.Healthy, seconds: 3);
        node.Paused = false;
        await Eventually.HoldsAsync("it is back", () => destination.Health.Healthy, seconds: 5);
    }

    [Fact]
    public async Task When_all_look_bad_all_are_used()
    {
        using var node = new RawNode("a") { Ready = false };
        await using var balancer = await TestBalancer.StartAsync([node]);
        await Eventually.HoldsAsync("it looks bad", () => !balancer.Table.Current[0].Destination.Health.Healthy);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(Get);
        await node.AnswerAsync(Ok);

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_nodes_down_and_back()
    {
        var down = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([down]);
        down.Dispose();

        using (var refused = await balancer.ConnectAsync())
        {
            await refused.SendAsync(Get);
            Assert.StartsWith("HTTP/1.1 503 ", await refused.ReadToEndAsync(), StringComparison.Ordinal);
        }

        using var back = new RawNode("a", down.Port);
        using var client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await back.AnswerAsync(Ok);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync("it is healthy again", () => balancer.Table.Current[0].Usable);
    }

    [Fact]
    public async Task Status_shows_destinations_picks_and_refusals()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        await balancer.TunnelAsync(node);
        using (var bad = await balancer.ConnectAsync())
        {
            await bad.SendAsync("nonsense\r\n\r\n");
            await bad.ReadToEndAsync();
        }

        var status = await balancer.StatusAsync();

        var destination = status.GetProperty("destinations")[0];
        Assert.Equal(("a", "ready", 1, 1), (
            destination.GetProperty("id").GetString(),
            destination.GetProperty("state").GetString(),
            destination.GetProperty("own").GetInt32(),
            destination.GetProperty("picks").GetInt32()));
        Assert.Equal(1, status.GetProperty("refused").GetProperty("bad-request-line").GetInt32());
    }

    [Theory]
    [InlineData("GET /balancer/status HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", 200)]
    [InlineData("GET /balancer/status HTTP/1.1\r\nHost: rebound.example\r\n\r\n", 403)]
    [InlineData("GET /balancer/status HTTP/1.1\r\nHost: rebound.example\r\nAuthorization: Bearer secret\r\n\r\n", 200)]
    [InlineData("GET /balancer/status HTTP/1.1\r\nHost: rebound.example\r\nAuthorization: Bearer wrong\r\n\r\n", 403)]
    [InlineData("GET /balancer/health HTTP/1.1\r\nHost: anything\r\n\r\n", 200)]
    [InlineData("GET /balancer/health/ready HTTP/1.1\r\nHost: anything\r\n\r\n", 503)]
    [InlineData("POST /balancer/status HTTP/1.1\r\nHost: localhost\r\n\r\n", 405)]
    [InlineData("GET /balancer/else HTTP/1.1\r\nHost: localhost\r\n\r\n", 404)]
    public async Task Own_endpoints_are_protected(string request, int status)
    {
        await using var balancer = await TestBalancer.StartAsync("StatusToken=secret");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_streamed_as_events()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync();
        using var client = await balancer.ConnectAsync();
        await client.SendAsync("GET /balancer/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await client.ReadHeadAsync();

        balancer.Table.Apply([node.Lease()]);

        Assert.Contains("event: ready\ndata: {", await client.ReadUntilAsync("\n\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Real_web_socket_client_connects_through()
    {
        await using var app = await KestrelNode.StartAsync();
        await using var balancer = await TestBalancer.StartAsync();
        balancer.Table.Apply([new NodeLease("k", "1", app.Url, NodeState.Ready, 0, 0)]);
        using var socket = new System.Net.WebSockets.ClientWebSocket();

        await socket.ConnectAsync(new Uri($"ws://{balancer.Endpoint}/ws"), CancellationToken.None);
        await socket.SendAsync("hello"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, CancellationToken.None);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), buffer[..received.Count]);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync($"http://{balancer.Endpoint}/echo", new StringContent("x"))).StatusCode);
    }
}
