using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Presence;

/// <summary>What happens to a user on whatever node: invites, kicks, limits, the end of a token, moving elsewhere.</summary>
public abstract partial class PeopleTests
{
    [Fact]
    public async Task User_is_invited_to_a_direct_room_wherever_connected_and_once_in_a_while()
    {
        var phone = await ConnectAsync(0, "zoe");
        var laptop = await ConnectAsync(1, "zoe");
        await laptop.NextAsync<HelloFrame>();

        var ada = await JoinAsync(0, "ada", "dm:ada:zoe");
        await ada.SendAsync(new SendFrame("dm:ada:zoe", "m", "hi"));

        Assert.Equal(new InviteFrame("dm:ada:zoe", "ada"), await laptop.NextAsync<InviteFrame>());
        Assert.Equal(new InviteFrame("dm:ada:zoe", "ada"), await phone.NextAsync<InviteFrame>());
        await laptop.JoinAsync("dm:ada:zoe");
        Assert.DoesNotContain(phone.Frames.Concat(laptop.Frames), frame => frame is InviteFrame);
    }

    [Fact]
    public async Task Kick_ends_every_connection_of_the_user_on_every_node_within_a_second()
    {
        var peers = new[] { await JoinAsync(0, "eve", "kick"), await JoinAsync(1, "eve", "kick") };
        using var http = new HttpClient { BaseAddress = cluster.Nodes[0].Url };

        var refused = await http.PostAsJsonAsync("/api/admin/kick", new { user = "eve" }, TestContext.Current.CancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestNode.AdminToken());
        var kicked = await http.PostAsJsonAsync("/api/admin/kick", new { user = "eve", reason = "spam" }, TestContext.Current.CancellationToken);
        var codes = await Task.WhenAll(peers.Select(peer => peer.ClosedAsync(seconds: 1)));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, kicked.StatusCode);
        Assert.All(codes, code => Assert.Equal((int)CloseCode.Kicked, code));
    }

    [Fact]
    public async Task One_connection_too_many_of_a_user_takes_the_place_of_the_oldest_whatever_node_that_is_on()
    {
        var peers = new List<FramePeer>();
        for (var i = 0; i < 4; i++)
        {
            peers.Add(await JoinAsync(i % 2, "greedy", "limit"));
        }

        // As after a switch of networks: the node does not know yet that nobody is there any more.
        var last = await JoinAsync(1, "greedy", "limit");
        var other = await JoinAsync(1, "bob", "limit");

        Assert.Equal((int)CloseCode.TooManyConnections, await peers[0].ClosedAsync());
        Assert.All(peers.Skip(1).Append(last).Append(other), peer => Assert.Null(peer.CloseCode));
    }

    [Fact]
    public async Task Connections_of_a_dead_node_do_not_count()
    {
        await using var doomed = await NodeProcess.StartAsync(cluster.Redis, "doomed", PeopleCluster.Settings);
        var token = cluster.Nodes[0].Token("risen");
        FramePeer[] first = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => FramePeer.ConnectAsync(doomed.Url, token)));
        _owned.AddRange(first);
        await Task.WhenAll(first.Select(peer => peer.JoinAsync("dead")));

        doomed.Kill();
        await Within.True(5, async () => !await cluster.LeaseExistsAsync("doomed"), "the lease has run out");
        var second = await JoinAsync(0, "risen", "dead");
        await second.SendAsync(new SendFrame("dead", "m", "still here"));

        await second.NextAsync<AckFrame>();
    }

    [Fact]
    public async Task Token_that_expires_ends_the_connection_within_a_second_unless_it_is_renewed()
    {
        var node = cluster.Nodes[0];
        await using var renewed = await FramePeer.ConnectAsync(node.Url, TestNode.TokenFor("ada", TimeSpan.FromSeconds(2)));
        await using var expired = await FramePeer.ConnectAsync(node.Url, TestNode.TokenFor("bob", TimeSpan.FromSeconds(2)));
        await renewed.NextAsync<HelloFrame>();

        await renewed.SendAsync(new RefreshFrame(TestNode.TokenFor("eve", TimeSpan.FromHours(1))));
        var foreign = await renewed.NextAsync<ErrorFrame>();
        await renewed.SendAsync(new RefreshFrame(TestNode.TokenFor("ada", TimeSpan.FromHours(1))));
        var code = await expired.ClosedAsync(seconds: 4);
        await renewed.JoinAsync("token");

        Assert.Equal(ErrorCode.BadToken, foreign.Code);
        Assert.Equal((int)CloseCode.TokenExpired, code);
        Assert.Null(renewed.CloseCode);
    }

    [Fact]
    public async Task Balancer_that_asks_moves_the_connections_that_came_through_it()
    {
        var mine = await FramePeer.ConnectAsync(cluster.Nodes[2].Url, cluster.Nodes[2].Token("ada"), balancer: "b1");
        var other = await FramePeer.ConnectAsync(cluster.Nodes[2].Url, cluster.Nodes[2].Token("bob"), balancer: "b2");
        _owned.AddRange([mine, other]);
        await mine.JoinAsync("shed");
        await other.JoinAsync("shed");

        var asked = NodeControlCodec.Encode(new ShedControl(Connections: 5, ReconnectWithinMs: 100, Balancer: "b1"));
        await cluster.Nodes[0].Get<RedisCalls>().Subscriber.PublishAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf("n2")), asked);
        var told = await mine.NextAsync<DrainFrame>();
        var code = await mine.ClosedAsync();

        Assert.Equal(new DrainFrame(100), told);
        Assert.Equal((int)CloseCode.Rebalanced, code);
        Assert.Null(other.CloseCode);
    }

    [Fact]
    public async Task Connection_that_is_lost_is_let_go_while_redis_does_not_answer()
    {
        var ada = await JoinAsync(0, "ada", "stuck");
        var table = cluster.Nodes[0].Get<ConnectionTable>();
        Assert.Single(table.Of("ada"));

        cluster.Redis.Pause();
        try
        {
            ada.Cut();
            await Within.True(1.5, () => Task.FromResult(table.Of("ada").IsEmpty), "the connection is gone");
        }
        finally
        {
            cluster.Redis.Continue();
        }
    }
}
