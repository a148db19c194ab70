using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Balancer;
using Chat.Balancer.Admission;
using Chat.Balancer.Heads;
using Chat.Balancer.Listening;
using Chat.Tests.Balancer.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Balancer;

/// <summary>Who the client is, directly and behind a proxy.</summary>
public sealed class ClientIdentityTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Theory]
    [InlineData(null, "6.6.6.6", "127.0.0.1")]
    [InlineData("127.0.0.1", "6.6.6.6", "6.6.6.6")]
    [InlineData("127.0.0.0/8;10.0.0.0/8", "6.6.6.6, 7.7.7.7, 10.1.2.3", "7.7.7.7")]
    [InlineData("127.0.0.1", "6.6.6.6, ::ffff:7.7.7.7", "7.7.7.7")]
    [InlineData("127.0.0.1", "2001:db8::1", "2001:db8::1")]
    [InlineData("127.0.0.1", "nonsense", "127.0.0.1")]
    [InlineData("127.0.0.1", "6.6.6.6, unknown", "127.0.0.1")]
    public async Task Forwarded_address_is_believed_of_trusted_proxies_alone_and_from_the_right(string? trusted, string forwarded, string told)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], trusted is null ? [] : [$"TrustedProxies={trusted}"]);
        using var client = await balancer.ConnectAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {forwarded}\r\nX-Forwarded-Proto: https\r\n\r\n");
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.Contains($"X-Forwarded-For: {told}\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"X-Forwarded-Proto: {(trusted is null ? "http" : "https")}\r\n", head, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], string> Headers => new()
    {
        { "PROXY TCP4 6.6.6.6 7.7.7.7 1000 80\r\n"u8.ToArray(), "6.6.6.6" },
        { "PROXY TCP6 2001:db8::1 2001:db8::2 1000 80\r\n"u8.ToArray(), "2001:db8::1" },
        { "PROXY UNKNOWN\r\n"u8.ToArray(), "127.0.0.1" },
        { "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"u8.ToArray(), "127.0.0.1" },
        { Second(0x21, 0x11, [6, 6, 6, 6, 7, 7, 7, 7, 0, 1, 0, 2]), "6.6.6.6" },
        { Second(0x21, 0x11, [6, 6, 6, 6, 7, 7, 7, 7, 0, 1, 0, 2, 4, 0, 1, 0]), "6.6.6.6" },
        { Second(0x21, 0x21, [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. new byte[20]]), "2001:db8::1" },
        { Second(0x20, 0x00, []), "127.0.0.1" },
        { Second(0x21, 0x31, new byte[216]), "127.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Proxy_header_of_either_version_names_the_client(byte[] header, string told)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "ProxyProtocol=true", "TrustedProxies=127.0.0.1");
        using var client = await balancer.ConnectAsync();

        await client.SendAsync([.. header, .. Encoding.Latin1.GetBytes(Get)]);
        var (head, _) = await node.AnswerAsync(Ok);

        Assert.Contains($"X-Forwarded-For: {told}\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> BadHeaders => new()
    {
        { "127.0.0.1", Encoding.Latin1.GetBytes(Get) },
        { "127.0.0.1", "PROXY TCP4 6.6.6.6 7.7.7.7 1000\r\nxxxxxxxx"u8.ToArray() },
        { "127.0.0.1", "PROXY TCP4 nobody 7.7.7.7 1000 80\r\n"u8.ToArray() },
        { "127.0.0.1", Encoding.Latin1.GetBytes("PROXY " + new string('x', 200)) },
        { "127.0.0.1", Second(0x31, 0x11, new byte[12]) },
        { "127.0.0.1", Second(0x22, 0x11, new byte[12]) },
        { "127.0.0.1", Second(0x21, 0x11, new byte[4]) },
        { "127.0.0.1", "PROXY TCP4 "u8.ToArray() },
        { "10.0.0.0/8", "PROXY TCP4 6.6.6.6 7.7.7.7 1000 80\r\n"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public async Task Connection_without_a_proxy_header_from_somebody_trusted_is_closed(string trusted, byte[] start)
    {
        await using var balancer = await TestBalancer.StartAsync("ProxyProtocol=true", $"TrustedProxies={trusted}", "HeadSeconds=0.5");

        try
        {
            using var client = await balancer.ConnectAsync();
            await client.SendAsync(start);
            Assert.True(await client.IsResetAsync());
        }
        catch (SocketException)
        {
            // It was closed before it had said anything.
        }

        await Eventually.HoldsAsync("it is counted", () => balancer.Telemetry.Refusals.GetValueOrDefault("bad-proxy-header") == 1);
    }

    [Fact]
    public async Task Limit_per_address_holds_for_clients_behind_a_proxy_that_names_them()
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], "ProxyProtocol=true", "TrustedProxies=127.0.0.1", "ConnectionsPerAddressMax=1");
        using var first = await balancer.ConnectAsync();
        await first.SendAsync("PROXY TCP4 6.6.6.6 7.7.7.7 1000 80\r\n" + Get);
        await node.AnswerAsync(Ok);
        using var other = await balancer.ConnectAsync();
        await other.SendAsync("PROXY TCP4 6.6.6.7 7.7.7.7 1000 80\r\n" + Get);
        await node.AnswerAsync(Ok);

        using var second = await balancer.ConnectAsync();
        await second.SendAsync("PROXY TCP4 6.6.6.6 7.7.7.7 1001 80\r\n" + Get);

        Assert.True(await second.IsResetAsync());
        Assert.Equal(1, balancer.Telemetry.Refusals["address-connections"]);
    }

    [Fact]
    public void Addresses_of_one_client_count_together()
    {
        var options = Options.Create(new BalancerOptions { ConnectionsPerAddressMax = 2, TrustedProxies = "10.9.0.0/16" });
        var limits = new ConnectionLimits(
            options, new DescriptorLimit(100_000), new ClientAddresses(options), NullLogger<ConnectionLimits>.Instance);

        Refusal?[] results =
        [
            limits.TryEnter(IPAddress.Parse("2001:db8::1")),
            limits.TryEnter(IPAddress.Parse("2001:db8::2")),
            limits.TryEnter(IPAddress.Parse("2001:db8::ffff:3")),
            limits.TryEnter(IPAddress.Parse("2001:db8:0:1::1")),
            limits.TryEnter(IPAddress.Parse("10.9.1.1")),
            limits.TryEnter(IPAddress.Parse("10.9.1.1")),
            limits.TryEnter(IPAddress.Parse("10.9.1.1")),
        ];

        Assert.Equal([null, null, Refusal.AddressConnections, null, null, null, null], results);
        Assert.Equal(IPAddress.Parse("1.2.3.4"), ClientAddresses.Plain(IPAddress.Parse("::ffff:1.2.3.4")));
    }

    private static byte[] Second(byte versionAndCommand, byte family, byte[] rest) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, versionAndCommand, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
