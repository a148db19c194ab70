using System.Net;
using System.Net.Http.Headers;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Presence;

/// <summary>Invites reach people who asked for nothing: they are few, and can be declined for good.</summary>
public sealed class InviteLimitTests
{
    [Fact]
    public async Task One_user_invites_others_no_faster_than_a_person_would()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0", "InvitesPerMinute=0.01", "InvitesBurst=3");
        var victims = new List<FramePeer>();
        for (var i = 0; i < 6; i++)
        {
            victims.Add(await node.ConnectAsync($"v{i}"));
        }

        await using var eve = await node.ConnectAsync("eve");
        for (var i = 0; i < victims.Count; i++)
        {
            await eve.JoinAsync(RoomName.Direct("eve", $"v{i}"));
        }

        // Behind the last invite that is considered, in the order of the connection's frames.
        await eve.SendAsync(new LeaveFrame("nowhere"));
        await eve.JoinAsync("lobby");
        await Within.True(10, () => Task.FromResult(victims.Count(IsInvited) == 3), "three are invited");
        await eve.SendAsync(new SendFrame("lobby", "m", "after all of them"));
        await eve.NextAsync<AckFrame>();
        Assert.Equal(3, victims.Count(IsInvited));
        foreach (var victim in victims)
        {
            await victim.DisposeAsync();
        }
    }

    private static bool IsInvited(FramePeer peer) => peer.Frames.OfType<InviteFrame>().Any();

    [Fact]
    public async Task Who_is_blocked_invites_nobody()
    {
        await using var redis = await TestRedis.StartEmbeddedAsync();
        await using var node = await TestNode.StartAsync(redis, "n0");
        await using var ada = await node.ConnectAsync("ada");
        await ada.NextAsync<HelloFrame>();
        using var http = new HttpClient { BaseAddress = node.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", node.Token("ada"));

        using var blocked = await http.PutAsync(new Uri("/api/blocks/eve", UriKind.Relative), content: null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, blocked.StatusCode);
        Assert.Contains("eve", await http.GetStringAsync(new Uri("/api/blocks", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await using var eve = await node.JoinAsync("eve", RoomName.Direct("ada", "eve"));
        await eve.JoinAsync("lobby");
        await using var bob = await node.JoinAsync("bob", RoomName.Direct("ada", "bob"));

        Assert.Equal("bob", (await ada.NextAsync<InviteFrame>()).From);

        using var removed = await http.DeleteAsync(new Uri("/api/blocks/eve", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.DoesNotContain("eve", await http.GetStringAsync(new Uri("/api/blocks", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
