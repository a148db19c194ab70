using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using Chat.Lab.Faults;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Access;

/// <summary>How one comes in: where the token may stand, what is said of one that does not do, and what is said while nobody can tell.</summary>
public sealed class DoorTests
{
    [Fact]
    public async Task A_page_can_keep_its_token_out_of_the_address()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("chat.v1");
        socket.Options.AddSubProtocol($"bearer.{node.Token("ada")}");

        await Within.Seconds(10, token => socket.ConnectAsync(new UriBuilder(node.Url) { Scheme = "ws", Path = "/ws" }.Uri, token));
        var buffer = new byte[4096];
        var read = await Within.Seconds(10, token => socket.ReceiveAsync(buffer, token));

        Assert.Equal("chat.v1", socket.SubProtocol);
        Assert.Equal("ada", Assert.IsType<HelloFrame>(FrameCodec.DecodeServer(buffer.AsSpan(0, read.Count), out _)).User);
    }

    [Fact]
    public async Task A_token_whose_user_is_no_user_id_is_refused_and_told_why()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {TestNode.TokenFor("auth0|1234", TimeSpan.FromMinutes(5))}");

        await Within.Seconds(10, token => socket.ConnectAsync(new UriBuilder(node.Url) { Scheme = "ws", Path = "/ws" }.Uri, token));
        await Within.Seconds(10, token => socket.ReceiveAsync(new byte[64], token));

        Assert.Equal((int)CloseCode.BadToken, (int?)socket.CloseStatus);
        Assert.Contains("claim sub is no user id", socket.CloseStatusDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_issuers_keys_cannot_be_read_the_api_says_503()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "TokenAuthority=http://127.0.0.1:1/", "HandshakeTimeout=00:00:05");
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "any.token.atall");

        foreach (var path in new[] { "/api/rooms", "/api/rooms/lobby/messages", "/api/blocks" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        using var kick = await http.PostAsJsonAsync("/api/admin/kick", new { user = "eve" }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, kick.StatusCode);
    }

    [Fact]
    public async Task While_Redis_is_away_the_api_says_503()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var link = FaultProxy.Start(redis.Port);
        await using var node = await TestNode.StartAsync($"127.0.0.1:{link.Port}", "n0", "RedisDeadline=00:00:01");
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", node.Token("ada"));

        link.Set(Fault.Refuse);
        using var answer = await http.GetAsync(new Uri("/api/rooms", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task A_page_from_elsewhere_may_use_the_api_if_its_origin_is_named()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "ApiOrigins:0=https://chat.example");

        Assert.Equal("https://chat.example", await AllowedAsync(node, "https://chat.example"));
        Assert.Null(await AllowedAsync(node, "https://evil.example"));
    }

    [Fact]
    public async Task A_full_node_sends_the_next_one_elsewhere()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "ConnectionsMax=2");
        await using var ada = await node.JoinAsync("ada", "lobby");
        await using var bob = await node.JoinAsync("bob", "lobby");

        await using var carl = await node.ConnectAsync("carl");

        Assert.Equal((int)CloseCode.GoingAway, await carl.ClosedAsync());
        Assert.True(CloseCodes.Reconnects((int)CloseCode.GoingAway));
        Assert.Null(ada.CloseCode);
        Assert.Null(bob.CloseCode);
    }

    private static async Task<string?> AllowedAsync(TestNode node, string origin)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/rooms");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "authorization");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }
}
