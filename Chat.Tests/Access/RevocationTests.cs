using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Chat.Node.Access;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Access;

/// <summary>A token that is signed and has not expired, and counts no longer.</summary>
public sealed class RevocationTests
{
    [Fact]
    public async Task A_ban_outlives_the_kick_on_every_node_and_over_http_until_it_is_pardoned()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var first = await TestNode.StartAsync(redis, "n0");
        await using var second = await TestNode.StartAsync(redis, "n1");
        var token = first.Token("eve");
        await using var eve = await FramePeer.ConnectAsync(second.Url, token);
        await using var bob = await second.JoinAsync("bob", "lobby");
        await eve.JoinAsync("lobby");

        await AdminAsync(first, "revoke", new { user = "eve", seconds = 3600, reason = "spam" });
        Assert.Equal((int)CloseCode.Kicked, await eve.ClosedAsync());
        await using var again = await FramePeer.ConnectAsync(second.Url, token);
        Assert.Equal((int)CloseCode.BadToken, await again.ClosedAsync());
        await using var later = await FramePeer.ConnectAsync(first.Url, first.Token("eve"));
        Assert.Equal((int)CloseCode.BadToken, await later.ClosedAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await RoomsAsync(second, token));
        Assert.Null(bob.CloseCode);

        await AdminAsync(second, "pardon", new { user = "eve" });
        await using var pardoned = await FramePeer.ConnectAsync(first.Url, token);
        await pardoned.JoinAsync("lobby");
    }

    [Fact]
    public async Task One_token_can_be_revoked_and_the_users_others_go_on()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        var (lost, kept) = (node.Token("ada"), node.Token("ada"));
        await using var thief = await FramePeer.ConnectAsync(node.Url, lost);
        await using var ada = await FramePeer.ConnectAsync(node.Url, kept);
        await ada.JoinAsync("lobby");

        await AdminAsync(node, "revoke", new { tokenId = (await node.Get<TokenService>().CheckAsync(lost))!.Id });

        Assert.Equal((int)CloseCode.Kicked, await thief.ClosedAsync());
        await ada.SendAsync(new RefreshFrame(lost));
        Assert.Equal(ErrorCode.BadToken, (await ada.NextAsync<ErrorFrame>()).Code);
        Assert.Null(ada.CloseCode);
    }

    [Fact]
    public async Task A_node_that_did_not_hear_of_a_revocation_reads_it_when_it_is_back()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        await using var eve = await node.JoinAsync("eve", "lobby");

        // Written by a node that this one does not hear: it was listening to a connection that is about to break.
        await using (var other = await TestNode.StartAsync(redis, "n1"))
        {
            node.Get<Chat.Node.Backplane.Subscriptions.SubscriptionConnection>().Rebuild();
            await AdminAsync(other, "revoke", new { user = "eve", seconds = 60 });
        }

        Assert.Equal((int)CloseCode.Kicked, await eve.ClosedAsync());
    }

    [Fact]
    public async Task Only_those_who_run_the_chat_may_revoke_and_only_what_is_well_named()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "TokenRoleClaim=roles", "AdminRole=operator");

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(node, "revoke", new { user = "eve" }, token: null));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(node, "revoke", new { user = "eve" }, TestNode.AdminToken()));
        var operatorsToken = TestNode.TokenFor("root", TimeSpan.FromMinutes(5), "operator", "roles");
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(node, "revoke", new { user = "eve", tokenId = "both" }, operatorsToken));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(node, "revoke", new { user = "no user" }, operatorsToken));
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(node, "revoke", new { user = "eve" }, operatorsToken));
    }

    private static async Task AdminAsync(TestNode node, string what, object body) =>
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync(node, what, body, TestNode.AdminToken()));

    private static async Task<HttpStatusCode> PostAsync(TestNode node, string what, object body, string? token)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.PostAsJsonAsync($"/api/admin/{what}", body, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> RoomsAsync(TestNode node, string token)
    {
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.GetAsync(new Uri("/api/rooms", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
