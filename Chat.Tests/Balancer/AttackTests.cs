using System.Net.Sockets;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>Raw bytes that a lenient reader would frame differently, or that cost more than they should.</summary>
public sealed class AttackTests
{
    public static TheoryData<string, int, string> Attacks => new()
    {
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "length-and-transfer-encoding" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n", 400, "bad-content-length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\n", 400, "bad-content-length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n", 400, "bad-content-length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400, "bad-content-length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400, "bad-content-length" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501, "unknown-transfer-coding" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 501, "unknown-transfer-coding" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501, "unknown-transfer-coding" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n", 400, "bad-field" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun\0ked\r\n\r\n", 400, "bad-field" },
        { "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "length-and-transfer-encoding" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad-chunk" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n", 400, "bad-chunk" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx0\r\n\r\n", 400, "bad-chunk" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400, "bad-chunk" },
        { "GET / HTTP/1.1\nHost: a\n\n", 400, "bare-line-break" },
        { "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "bare-line-break" },
        { "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400, "bare-line-break" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400, "folded-field" },
        { "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "folded-field" },
        { "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400, "bad-field" },
        { "GET / HTTP/1.1\r\nHost: a\r\n: empty\r\n\r\n", 400, "bad-field" },
        { "GET / HTTP/1.1\r\nHost: a\r\nX: \u007f\r\n\r\n", 400, "bad-field" },
        { "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET http://a?x#y HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "\u0016\u0003\u0001", 400, "bad-request-line" },
        { "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bare-line-break" },
        { "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method-not-allowed" },
        { "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method-not-allowed" },
        { "GET / HTTP/1.1\r\n\r\n", 400, "bad-host" },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "bad-host" },
        { "GET / HTTP/1.1\r\nHost: \r\n\r\n", 400, "bad-host" },
        { "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad-host" },
        { "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "bad-host" },
        { "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n", 400, "bad-host" },
        { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "unknown-version" },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "unknown-version" },
        { "GET /\r\n\r\n", 400, "bad-request-line" },
        { "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n", 400, "bad-request-line" },
        { "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-target" },
        { "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400, "bad-upgrade" },
        { "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n", 400, "bad-upgrade" },
        { "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nContent-Length: 1\r\n\r\nx", 400, "bad-upgrade" },
        { "GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 417, "unknown-expectation" },
        { "POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", 417, "unknown-expectation" },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n", 400, "bad-chunk" },
        { "GET / HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Repeat("x: y\r\n", 120)) + "\r\n", 431, "too-many-fields" },
        { "GET / HTTP/1.1\r\nHost: a\r\nx: " + new string('y', 9000) + "\r\n\r\n", 431, "head-too-large" },
        { "GET /" + new string('y', 9000), 431, "head-too-large" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Refused_with_the_right_status_and_counted(string request, int status, string reason)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(1, balancer.Telemetry.Refusals[reason]);
    }

    [Fact]
    public async Task Slow_head_is_cut_with_408_however_steadily_it_drips()
    {
        await using var balancer = await TestBalancer.StartAsync("HeadSeconds=0.3");
        using var client = await balancer.ConnectAsync();

        using var cut = new CancellationTokenSource();
        var dripping = DripAsync(client, "GET / HTTP/1.1\r\nX: ", cut.Token);
        var answer = await client.ReadHeadAsync();
        await cut.CancelAsync();
        await dripping;

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Equal(1, balancer.Telemetry.Refusals["slow-head"]);
    }

    /// <summary>A byte every now and then, well within any wait for a single one.</summary>
    private static async Task DripAsync(RawPeer client, string head, CancellationToken stop)
    {
        await client.SendAsync(head);
        using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        try
        {
            while (await drip.WaitForNextTickAsync(stop))
            {
                await client.SendAsync("x");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // Answered and closed.
        }
    }

    [Fact]
    public async Task Connection_that_says_nothing_is_cut()
    {
        await using var balancer = await TestBalancer.StartAsync("HeadSeconds=0.3");
        using var client = await balancer.ConnectAsync();

        Assert.StartsWith("HTTP/1.1 408 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_flood_is_refused_at_the_limit()
    {
        await using var balancer = await TestBalancer.StartAsync("ConnectionsMax=2");
        using var first = await balancer.ConnectAsync();
        using var second = await balancer.ConnectAsync();
        using var third = await balancer.ConnectAsync();

        var answer = await third.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", answer, StringComparison.Ordinal);
        Assert.Equal(1, balancer.Telemetry.Refusals["connections"]);
    }

    [Fact]
    public async Task Response_that_pretends_to_upgrade_is_not_believed()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await node.AnswerAsync(TestBalancer.WebSocketResponse);

        Assert.StartsWith("HTTP/1.1 502 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }
}
