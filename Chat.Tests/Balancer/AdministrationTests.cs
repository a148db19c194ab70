using System.Text.RegularExpressions;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>What an operator sees and says.</summary>
public sealed partial class AdministrationTests
{
    [Fact]
    public async Task Disabled_node_gets_nothing_new_and_an_enabled_one_does_again()
    {
        using var a = new RawNode("a");
        using var b = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([a, b], "AdminUrls=http://127.0.0.1:0", "SlowStartSeconds=0", "Policy=round-robin");

        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(balancer, "POST /balancer/nodes/a/disable"), StringComparison.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            await balancer.TunnelAsync(b);
        }

        await AskAsync(balancer, "POST /balancer/nodes/a/enable");
        await AskAsync(balancer, "POST /balancer/nodes/b/disable");
        await balancer.TunnelAsync(a);
    }

    [Fact]
    public async Task Weight_says_how_much_of_the_load_a_node_gets()
    {
        using var a = new RawNode("a");
        using var b = new RawNode("b");
        await using var balancer = await TestBalancer.StartAsync([a, b], "AdminUrls=http://127.0.0.1:0", "SlowStartSeconds=0", "Policy=least-connections");
        await AskAsync(balancer, "POST /balancer/nodes/a/weight/0.5");

        for (var i = 0; i < 12; i++)
        {
            var client = await balancer.ConnectAsync();
            await client.SendAsync(TestBalancer.WebSocketRequest);
            await Eventually.HoldsAsync("it is there", () => a.Waiting + b.Waiting == i + 1);
            balancer.Keep(client);
        }

        Assert.Equal((4, 8), (a.Waiting, b.Waiting));
    }

    [Theory]
    [InlineData("GET /balancer/nodes/a/disable", "", 405)]
    [InlineData("POST /balancer/nodes/a/disable", "Origin: http://evil.example\r\n", 403)]
    [InlineData("POST /balancer/nodes/a/dance", "", 404)]
    [InlineData("POST /balancer/nodes/a/weight/0", "", 404)]
    [InlineData("POST /balancer/nodes/nobody/disable", "", 404)]
    [InlineData("POST /balancer/nodes/a/drain", "", 503)]
    [InlineData("GET /ws", "", 404)]
    [InlineData("GET /balancer/status", "", 200)]
    [InlineData("GET /balancer/health", "", 200)]
    public async Task Operators_door_takes_commands_and_passes_nothing_on(string request, string fields, int status)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "AdminUrls=http://127.0.0.1:0");

        Assert.StartsWith($"HTTP/1.1 {status} ", await AskAsync(balancer, request, fields), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /balancer/status", "", 404)]
    [InlineData("POST /balancer/nodes/a/disable", "", 405)]
    [InlineData("GET /balancer/health", "", 200)]
    public async Task With_an_operators_door_the_clients_one_answers_for_health_alone(string request, string fields, int status)
    {
        await using var balancer = await TestBalancer.StartAsync("AdminUrls=http://127.0.0.1:0");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operator_gets_in_when_clients_are_too_many()
    {
        await using var balancer = await TestBalancer.StartAsync("AdminUrls=http://127.0.0.1:0", "ConnectionsMax=1");
        using var only = await balancer.ConnectAsync();
        await Eventually.HoldsAsync("it is full", () => balancer.Connections == 1);

        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(balancer, "GET /balancer/status"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-For: 6.6.6.6")]
    [InlineData("Via: 1.1 nginx")]
    [InlineData("Forwarded: for=6.6.6.6")]
    public async Task Status_is_not_for_who_comes_through_a_proxy_on_this_machine(string field)
    {
        await using var balancer = await TestBalancer.StartAsync();
        using var client = await balancer.ConnectAsync();

        await client.SendAsync($"GET /balancer/status HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_page_counts_what_happened_in_the_format_of_Prometheus()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        await AskAsync(balancer.Endpoint, "GET /balancer/metrics");
        await balancer.TunnelAsync(node);
        using (var bad = await balancer.ConnectAsync())
        {
            await bad.SendAsync("nonsense\r\n\r\n");
            await bad.ReadToEndAsync();
        }

        var page = (await AskAsync(balancer.Endpoint, "GET /balancer/metrics")).Split("\r\n\r\n", 2)[1];

        Assert.Contains("chat_balancer_picks_total{node=\"a\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("chat_balancer_refused_total{reason=\"bad-request-line\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("# TYPE chat_balancer_tunnels gauge\nchat_balancer_tunnels 1\n", page, StringComparison.Ordinal);
        Assert.Contains("chat_balancer_handshake_duration_seconds_count 1\n", page, StringComparison.Ordinal);
        Assert.Contains("chat_balancer_handshake_duration_seconds_bucket{le=\"+Inf\"} 1\n", page, StringComparison.Ordinal);
        Assert.All(page.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(Line(), line));
    }

    private static Task<string> AskAsync(TestBalancer balancer, string request, string fields = "") => AskAsync(balancer.Admin, request, fields);

    private static async Task<string> AskAsync(System.Net.IPEndPoint door, string request, string fields = "")
    {
        using var operating = await RawPeer.ConnectAsync(door);
        await operating.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\n{fields}Connection: close\r\n\r\n");
        return await operating.ReadToEndAsync();
    }

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.E]+)$""")]
    private static partial Regex Line();
}
