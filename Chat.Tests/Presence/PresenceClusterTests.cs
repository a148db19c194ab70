using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Presence;

public sealed class PresenceClusterTests
{
    [Fact]
    public async Task User_who_comes_and_leaves_on_one_node_is_told_to_a_member_on_another()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var ada = await cluster.JoinAsync(0, "ada", "lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("ada"));

        var bob = await cluster.ConnectAsync(1, "bob");
        var joined = await bob.JoinAsync("lobby");
        var came = await ada.NextAsync<PresenceFrame>();
        await bob.SendAsync(new LeaveFrame("lobby"));
        var went = await ada.NextAsync<PresenceFrame>();

        Assert.Equal(["ada", "bob"], joined.Members!.Order());
        Assert.Equal(["bob"], came.Joined);
        Assert.Equal(["bob"], went.Left);
    }

    [Fact]
    public async Task User_who_comes_back_on_another_node_never_was_away_for_the_others()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 3, "PresenceGrace=00:00:01");
        var ada = await cluster.JoinAsync(0, "ada", "lobby");
        var bob = await cluster.JoinAsync(1, "bob", "lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        bob.Cut();
        await cluster.JoinAsync(2, "bob", "lobby");
        await cluster.JoinAsync(2, "eve", "lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("eve"));
        await Within.True(5, async () => await cluster.EntriesAsync("lobby") == 3, "the lost connection's entry is gone");

        Assert.DoesNotContain(ada.Frames, frame => frame is PresenceFrame);
    }

    [Fact]
    public async Task Ghosts_of_a_killed_node_are_gone_within_one_lease()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 1, "NodeLease=00:00:01.5", "NodeLeaseRenewal=00:00:00.3", "PresenceGrace=00:00:01", "RedisDeadline=00:00:01");
        var ada = await cluster.JoinAsync(0, "ada", "lobby");
        await using var doomed = await NodeProcess.StartAsync(
            cluster.Redis, "doomed", "NodeLease=00:00:01.5", "NodeLeaseRenewal=00:00:00.3", "PresenceGrace=00:00:01", "RedisDeadline=00:00:01");
        await using var bob = await FramePeer.ConnectAsync(doomed.Url, cluster.Nodes[0].Token("bob"));
        await bob.JoinAsync("lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        doomed.Kill();
        var killed = Stopwatch.GetTimestamp();
        var gone = await ada.NextAsync<PresenceFrame>(frame => frame.Left.Count > 0);

        Assert.Equal(["bob"], gone.Left);
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        await Within.True(5, async () => await cluster.EntriesAsync("lobby") == 1, "the dead node's entry is removed");
    }

    [Fact]
    public async Task Node_that_leaves_well_makes_nobody_flap()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var ada = await cluster.JoinAsync(0, "ada", "lobby");
        var bob = await cluster.JoinAsync(1, "bob", "lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        await cluster.Nodes[1].StopAsync();
        var code = await bob.ClosedAsync();
        await cluster.JoinAsync(0, "bob", "lobby");
        await cluster.JoinAsync(0, "eve", "lobby");
        var next = await ada.NextAsync<PresenceFrame>();

        Assert.Equal((int)CloseCode.Drain, code);
        Assert.Equal(["eve"], next.Joined);
        Assert.Empty(next.Left);
    }

    [Fact]
    public async Task Room_above_the_limit_is_told_in_numbers_and_back_in_names()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2, "MembersListedMax=4", "PresenceCountPeriod=00:00:00.3");
        var ada = await cluster.JoinAsync(0, "ada", "hall");
        var others = new List<FramePeer>();
        for (var i = 0; i < 5; i++)
        {
            others.Add(await cluster.JoinAsync(i % 2, $"user{i}", "hall"));
        }

        var counted = await ada.NextAsync<PresenceFrame>(frame => frame.MemberCount == 6);
        var late = await (await cluster.ConnectAsync(1, "late")).JoinAsync("hall");
        foreach (var other in others)
        {
            await other.SendAsync(new LeaveFrame("hall"));
        }

        var listed = await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Count > 0);

        Assert.Empty(counted.Joined);
        Assert.Null(late.Members);
        Assert.Equal(7, late.MemberCount);
        Assert.True(listed.MemberCount <= 3);
        Assert.Contains("ada", listed.Joined);
    }

    [Fact]
    public async Task Read_positions_only_grow_on_all_devices_of_all_members()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var phone = await cluster.JoinAsync(0, "ada", "lobby");
        var laptop = await cluster.JoinAsync(1, "ada", "lobby");
        for (var i = 1; i <= 5; i++)
        {
            await phone.SendAsync(new SendFrame("lobby", $"m{i}", "hi"));
        }

        await laptop.NextAsync<MessageFrame>(message => message.Offset == 5);
        await phone.SendAsync(new ReadFrame("lobby", 4));
        var first = await laptop.NextAsync<UserReadFrame>();
        await laptop.SendAsync(new ReadFrame("lobby", 2));
        await laptop.SendAsync(new ReadFrame("lobby", 1000));
        var second = await phone.NextAsync<UserReadFrame>(read => read.Offset != 4);
        var joined = await (await cluster.ConnectAsync(1, "bob")).JoinAsync("lobby");

        Assert.Equal(new UserReadFrame("lobby", "ada", 4), first);
        Assert.Equal(new UserReadFrame("lobby", "ada", 5), second);
        Assert.Equal(5, joined.Read!["ada"]);
    }

    [Fact]
    public async Task Typing_reaches_the_others_once_in_a_period()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var ada = await cluster.JoinAsync(0, "ada", "lobby");
        var bob = await cluster.JoinAsync(1, "bob", "lobby");

        for (var i = 0; i < 10; i++)
        {
            await ada.SendAsync(new TypingFrame("lobby"));
        }

        await bob.NextAsync<UserTypingFrame>(typing => typing.User == "ada");
        await ada.SendAsync(new SendFrame("lobby", "m", "done"));
        await bob.NextAsync<MessageFrame>();

        Assert.DoesNotContain(bob.Frames.Concat(ada.Frames), frame => frame is UserTypingFrame);
    }

    [Fact]
    public async Task User_is_invited_to_a_direct_room_wherever_connected_and_once_in_a_while()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var phone = await cluster.ConnectAsync(0, "bob");
        var laptop = await cluster.ConnectAsync(1, "bob");
        await laptop.NextAsync<HelloFrame>();

        var ada = await cluster.JoinAsync(0, "ada", "dm:ada:bob");
        await ada.SendAsync(new SendFrame("dm:ada:bob", "m", "hi"));

        Assert.Equal(new InviteFrame("dm:ada:bob", "ada"), await laptop.NextAsync<InviteFrame>());
        Assert.Equal(new InviteFrame("dm:ada:bob", "ada"), await phone.NextAsync<InviteFrame>());
        await laptop.JoinAsync("dm:ada:bob");
        Assert.DoesNotContain(phone.Frames.Concat(laptop.Frames), frame => frame is InviteFrame);
    }

    [Fact]
    public async Task Kick_ends_every_connection_of_the_user_on_every_node_within_a_second()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var peers = new[] { await cluster.JoinAsync(0, "eve", "lobby"), await cluster.JoinAsync(1, "eve", "lobby") };
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
    public async Task One_connection_too_many_of_a_user_is_closed_whatever_node_it_is_on()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2, "ConnectionsPerUserMax=3");
        for (var i = 0; i < 3; i++)
        {
            await cluster.JoinAsync(i % 2, "ada", "lobby");
        }

        var last = await cluster.ConnectAsync(1, "ada");
        var other = await cluster.JoinAsync(1, "bob", "lobby");

        Assert.Equal((int)CloseCode.TooManyConnections, await last.ClosedAsync());
        Assert.Null(other.CloseCode);
    }

    [Fact]
    public async Task Connections_of_a_dead_node_do_not_count()
    {
        string[] settings = ["ConnectionsPerUserMax=1", "NodeLease=00:00:01", "NodeLeaseRenewal=00:00:00.3", "PresenceGrace=00:00:01", "RedisDeadline=00:00:00.9"];
        await using var cluster = await PeopleCluster.StartAsync(nodes: 1, settings);
        await using var doomed = await NodeProcess.StartAsync(cluster.Redis, "doomed", settings);
        await using var first = await FramePeer.ConnectAsync(doomed.Url, cluster.Nodes[0].Token("ada"));
        await first.JoinAsync("lobby");

        doomed.Kill();
        await Within.True(5, async () => !await cluster.LeaseExistsAsync("doomed"), "the lease has run out");
        var second = await cluster.JoinAsync(0, "ada", "lobby");
        await second.SendAsync(new SendFrame("lobby", "m", "still here"));

        await second.NextAsync<AckFrame>();
    }

    [Fact]
    public async Task Token_that_expires_ends_the_connection_within_a_second_unless_it_is_renewed()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 1);
        var node = cluster.Nodes[0];
        await using var renewed = await FramePeer.ConnectAsync(node.Url, TestNode.TokenFor("ada", TimeSpan.FromSeconds(2)));
        await using var expired = await FramePeer.ConnectAsync(node.Url, TestNode.TokenFor("bob", TimeSpan.FromSeconds(2)));
        await renewed.NextAsync<HelloFrame>();

        await renewed.SendAsync(new RefreshFrame(TestNode.TokenFor("eve", TimeSpan.FromHours(1))));
        var foreign = await renewed.NextAsync<ErrorFrame>();
        await renewed.SendAsync(new RefreshFrame(TestNode.TokenFor("ada", TimeSpan.FromHours(1))));
        var code = await expired.ClosedAsync(seconds: 4);
        await renewed.JoinAsync("lobby");

        Assert.Equal(ErrorCode.BadToken, foreign.Code);
        Assert.Equal((int)CloseCode.TokenExpired, code);
        Assert.Null(renewed.CloseCode);
    }

    [Fact]
    public async Task Signals_lost_on_the_way_are_made_up_for()
    {
        await using var cluster = await PeopleCluster.StartAsync(nodes: 2);
        var ada = await cluster.JoinAsync(0, "ada", "lobby");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("ada"));

        await cluster.Nodes[0].Get<RedisCalls>().Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await cluster.JoinAsync(1, "bob", "lobby");

        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));
    }
}
