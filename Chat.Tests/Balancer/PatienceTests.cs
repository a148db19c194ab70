using System.Diagnostics;
using Chat.Balancer.Admission;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Balancer;

/// <summary>How long the balancer waits for whom.</summary>
[Collection(ClusterSuite.Name)]
public sealed class PatienceTests
{
    private const string Get = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Started = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Fact]
    public async Task Answer_that_stands_still_is_cut_and_a_stream_of_events_is_not()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "AnswerIdleSeconds=0.3");
        using var events = await balancer.ConnectAsync();
        using var client = await balancer.ConnectAsync();
        await events.SendAsync(Get);
        var (_, source) = await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
        await events.ReadHeadAsync();
        await client.SendAsync(Get);
        await node.AnswerAsync(Started);
        await client.ReadHeadAsync();

        Assert.True(await client.IsResetAsync());

        await source.SendAsync("1\r\nx\r\n");
        Assert.Equal("1\r\nx\r\n", await events.ReadAsync(6));
    }

    [Fact]
    public async Task Answer_for_a_client_that_sends_nothing_more_is_over_soon()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "HalfClosedSeconds=0.3");
        using var client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        var (_, source) = await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.ReadHeadAsync();

        client.EndSending();

        Assert.True(await source.IsResetAsync());
    }

    [Fact]
    public async Task Quick_answer_still_reaches_a_client_that_sends_nothing_more()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        client.EndSending();

        await node.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

        Assert.EndsWith("ok", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_tunnel_of_which_one_side_has_ended_is_cut_before_others_are()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "HalfClosedSeconds=0.3", "TunnelIdleSeconds=3");
        var (whole, _) = await balancer.TunnelAsync(node);
        var (_, peer) = await balancer.TunnelAsync(node);

        peer.EndSending();

        Assert.True(await peer.IsResetAsync());
        Assert.Equal(1, balancer.Tunnels);
        Assert.False(whole.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead));
    }

    [Fact]
    public async Task Idle_tunnel_is_cut_at_its_time_and_not_much_later()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "TunnelIdleSeconds=2");
        var (client, _) = await balancer.TunnelAsync(node);
        var opened = Stopwatch.GetTimestamp();

        Assert.True(await client.IsResetAsync());

        Assert.InRange(Stopwatch.GetElapsedTime(opened).TotalSeconds, 1.8, 2.45);
    }

    [Fact]
    public async Task Client_that_leaves_the_queue_gives_its_place_to_the_next()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync(
            [node], "HandshakesPerSecondMax=2", "HandshakesPerSecondPerNodeMax=2", "HandshakeQueueSeconds=30", "SlowStartSeconds=0");
        await balancer.TunnelAsync(node);
        var leavers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            var client = await balancer.ConnectAsync();
            await client.SendAsync(TestBalancer.WebSocketRequest);
            return client;
        }));
        await Eventually.HoldsAsync("they wait", () => Waiting(balancer) > 12);
        foreach (var leaver in leavers)
        {
            leaver.Reset();
        }

        await Eventually.HoldsAsync("their places are free", () => Waiting(balancer) == 0);
        var started = Stopwatch.GetTimestamp();
        var stay = balancer.TunnelAsync(node);
        await stay;

        // Behind sixteen dead ones it would be 8 s.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 3);
    }

    [Fact]
    public async Task First_bytes_of_a_client_that_had_to_wait_are_not_lost()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync(
            [node], "HandshakesPerSecondMax=2", "HandshakesPerSecondPerNodeMax=2", "HandshakeQueueSeconds=30");
        await balancer.TunnelAsync(node);

        for (var i = 0; i < 2; i++)
        {
            var (client, peer) = await balancer.TunnelAsync(node);
            await client.SendAsync("one");
            Assert.Equal("one", await peer.ReadAsync(3));
            await client.SendAsync("two");
            Assert.Equal("two", await peer.ReadAsync(3));
            client.EndSending();
            Assert.Equal("", await peer.ReadToEndAsync());
        }
    }

    [Fact]
    public void Last_come_first_once_the_first_have_waited_long()
    {
        var clock = new FakeTimeProvider();
        var queue = new RateQueue(perSecond: 1, waitingMax: 10, TimeSpan.FromSeconds(4), clock);
        _ = queue.EnterAsync(default).AsTask();
        var first = queue.EnterAsync(default).AsTask();
        var second = queue.EnterAsync(default).AsTask();
        var third = queue.EnterAsync(default).AsTask();

        clock.Advance(TimeSpan.FromSeconds(0.95));
        clock.Advance(TimeSpan.FromSeconds(0.97));
        var last = queue.EnterAsync(default).AsTask();
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.True(last.IsCompletedSuccessfully);
        Assert.False(third.IsCompleted);
    }

    [Fact]
    public async Task Balancer_that_leaves_says_so_before_it_closes_its_door()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "LameDuckSeconds=1");

        var stopping = balancer.StopAsync();
        using var asking = await balancer.ConnectAsync();
        await asking.SendAsync("GET /balancer/health HTTP/1.1\r\nHost: a\r\n\r\n");
        var health = await asking.ReadHeadAsync();
        await balancer.TunnelAsync(node);
        await stopping;

        Assert.StartsWith("HTTP/1.1 503 ", health, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(balancer.ConnectAsync);
    }

    private static int Waiting(TestBalancer balancer) => balancer.StatusAsync().Result.GetProperty("handshakesWaiting").GetInt32();
}
