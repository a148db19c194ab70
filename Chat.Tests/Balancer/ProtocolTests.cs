using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>What RFC 9110 and 9112 ask of an intermediary beyond refusing.</summary>
public sealed class ProtocolTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData("GET http://b.example:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x?y HTTP/1.1\r\nHost: b.example:81\r\n")]
    [InlineData("GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: b\r\n")]
    [InlineData("GET http://b?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?y HTTP/1.1\r\nHost: b\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n")]
    [InlineData("OPTIONS http://b HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: b\r\n")]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n")]
    public async Task Target_of_any_form_reaches_the_node_in_its_own(string request, string start)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(request);
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.StartsWith(start, head, StringComparison.Ordinal);
        Assert.Single(head.Split("\r\n"), line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Offer_of_another_protocol_is_not_taken_up()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n");
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.DoesNotContain("h2c", head, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP2", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Protocol_that_a_426_asks_for_is_named()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await node.AnswerAsync("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n");

        var answer = await client.ReadHeadAsync();
        Assert.Contains("Upgrade: websocket\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: Upgrade, keep-alive\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD /balancer/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ", "")]
    [InlineData("HEAD /balancer/else HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", "")]
    [InlineData("POST /balancer/health HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 ", "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n")]
    public async Task Own_answers_know_HEAD_and_say_what_is_allowed(string request, string start, string field)
    {
        await using var balancer = await TestBalancer.StartAsync();
        using var client = await balancer.ConnectAsync();

        await client.SendAsync(request);

        var answer = await client.ReadToEndAsync();
        Assert.StartsWith(start, answer, StringComparison.Ordinal);
        Assert.Contains(field, answer, StringComparison.Ordinal);
        Assert.Equal(request.StartsWith("HEAD", StringComparison.Ordinal), answer.EndsWith("\r\n\r\n", StringComparison.Ordinal));
    }
}
