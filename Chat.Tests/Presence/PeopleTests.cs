using System.Diagnostics;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Cluster;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Presence;

/// <summary>What people see of each other over several nodes.</summary>
public abstract partial class PeopleTests(PeopleCluster cluster) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _owned = [];

    public async ValueTask InitializeAsync() => await cluster.EnsureStartedAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task User_who_comes_and_leaves_on_one_node_is_told_to_a_member_on_another()
    {
        var ada = await JoinAsync(0, "ada", "come");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("ada"));

        var bob = await ConnectAsync(1, "bob");
        var joined = await bob.JoinAsync("come");
        var came = await ada.NextAsync<PresenceFrame>();
        await bob.SendAsync(new LeaveFrame("come"));
        var went = await ada.NextAsync<PresenceFrame>();

        Assert.Equal(["ada", "bob"], joined.Members!.Order());
        Assert.Equal(["bob"], came.Joined);
        Assert.Equal(["bob"], went.Left);
    }

    [Fact]
    public async Task User_who_comes_back_on_another_node_never_was_away_for_the_others()
    {
        var ada = await JoinAsync(0, "ada", "back");
        var bob = await JoinAsync(1, "bob", "back");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        bob.Cut();
        await JoinAsync(2, "bob", "back");
        await JoinAsync(2, "eve", "back");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("eve"));
        await Within.True(5, async () => await cluster.EntriesAsync("back") == 3, "the lost connection's entry is gone");

        Assert.DoesNotContain(ada.Frames, frame => frame is PresenceFrame);
    }

    [Fact]
    public async Task Ghosts_of_a_killed_node_are_gone_within_one_lease()
    {
        var ada = await JoinAsync(0, "ada", "ghost");
        await using var doomed = await NodeProcess.StartAsync(cluster.Redis, "doomed", PeopleCluster.Settings);
        await using var bob = await FramePeer.ConnectAsync(doomed.Url, cluster.Nodes[0].Token("bob"));
        await bob.JoinAsync("ghost");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        doomed.Kill();
        var killed = Stopwatch.GetTimestamp();
        var gone = await ada.NextAsync<PresenceFrame>(frame => frame.Left.Count > 0);

        Assert.Equal(["bob"], gone.Left);
        Assert.InRange(Stopwatch.GetElapsedTime(killed), TimeSpan.Zero, TimeSpan.FromSeconds(3));
        await Within.True(5, async () => await cluster.EntriesAsync("ghost") == 1, "the dead node's entry is removed");
    }

    [Fact]
    public async Task Node_that_leaves_well_makes_nobody_flap()
    {
        await using var leaving = await TestNode.StartAsync(cluster.Redis, "leaving", PeopleCluster.Settings);
        var ada = await JoinAsync(0, "ada", "drain");
        await using var bob = await leaving.JoinAsync("bob", "drain");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        await leaving.StopAsync();
        var code = await bob.ClosedAsync();
        await JoinAsync(0, "bob", "drain");
        await JoinAsync(0, "eve", "drain");
        var next = await ada.NextAsync<PresenceFrame>();

        Assert.Equal((int)CloseCode.Drain, code);
        Assert.Equal(["eve"], next.Joined);
        Assert.Empty(next.Left);
    }

    [Fact]
    public async Task Room_above_the_limit_is_told_in_numbers_and_back_in_names()
    {
        var ada = await JoinAsync(0, "ada", "hall");
        var others = new List<FramePeer>();
        for (var i = 0; i < 5; i++)
        {
            others.Add(await JoinAsync(i % 2, $"user{i}", "hall"));
        }

        var counted = await ada.NextAsync<PresenceFrame>(frame => frame.MemberCount == 6);
        var late = await (await ConnectAsync(1, "late")).JoinAsync("hall");
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
        var phone = await JoinAsync(0, "ada", "read");
        var laptop = await JoinAsync(1, "ada", "read");
        for (var i = 1; i <= 5; i++)
        {
            await phone.SendAsync(new SendFrame("read", $"m{i}", "hi"));
        }

        await laptop.NextAsync<MessageFrame>(message => message.Offset == 5);
        await phone.SendAsync(new ReadFrame("read", 4));
        var first = await laptop.NextAsync<UserReadFrame>();
        await laptop.SendAsync(new ReadFrame("read", 2));
        await laptop.SendAsync(new ReadFrame("read", 1000));
        var second = await phone.NextAsync<UserReadFrame>(read => read.Offset != 4);
        var joined = await (await ConnectAsync(1, "bob")).JoinAsync("read");

        Assert.Equal(new UserReadFrame("read", "ada", 4), first);
        Assert.Equal(new UserReadFrame("read", "ada", 5), second);
        Assert.Equal(5, joined.Read!["ada"]);
    }

    [Fact]
    public async Task Typing_reaches_the_others_once_in_a_period()
    {
        var ada = await JoinAsync(0, "ada", "type");
        var bob = await JoinAsync(1, "bob", "type");

        for (var i = 0; i < 10; i++)
        {
            await ada.SendAsync(new TypingFrame("type"));
        }

        await bob.NextAsync<UserTypingFrame>(typing => typing.User == "ada");
        await ada.SendAsync(new SendFrame("type", "m", "done"));
        await bob.NextAsync<MessageFrame>();

        Assert.DoesNotContain(bob.Frames.Concat(ada.Frames), frame => frame is UserTypingFrame);
    }

    [Fact]
    public async Task Signals_lost_on_the_way_are_made_up_for()
    {
        var ada = await JoinAsync(0, "ada", "lost");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("ada"));

        await cluster.Nodes[0].Get<RedisCalls>().Database.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await JoinAsync(1, "bob", "lost");

        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));
    }

    [Fact]
    public async Task Many_who_come_at_once_do_not_cost_a_frame_for_each_and_each()
    {
        const int People = 60;
        var peers = await Task.WhenAll(Enumerable.Range(0, People).Select(i => ConnectAsync(i % 3, $"crowd{i}")));

        await Task.WhenAll(peers.Select(peer => peer.SendAsync(new JoinFrame("crowd"))));
        await Task.WhenAll(peers.Select(peer => KnowsAsync(peer)));
        var frames = peers.Sum(peer => peer.Frames.Count(frame => frame is PresenceFrame));

        Assert.InRange(frames, 0, People * People / 4);

        Task KnowsAsync(FramePeer peer) => Within.True(
            10,
            () => Task.FromResult(peer.Frames.Any(frame => frame is PresenceFrame { MemberCount: People } or JoinedFrame { MemberCount: People })),
            "everybody is counted");
    }

    [Fact]
    public async Task Redis_that_comes_back_empty_makes_nobody_flap()
    {
        var ada = await JoinAsync(0, "ada", "empty");
        await JoinAsync(1, "bob", "empty");
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));

        await cluster.Redis.RestartAsync(keepData: false);
        await Within.True(20, async () => await TryCountAsync() == 2, "both are written again");
        await Within.Seconds(20, token => JoinAsync(2, "eve", "empty"), "somebody joins");
        var next = await ada.NextAsync<PresenceFrame>();

        Assert.Equal(["eve"], next.Joined);
        Assert.Empty(next.Left);

        async Task<int> TryCountAsync()
        {
            try
            {
                return await cluster.EntriesAsync("empty");
            }
            catch (RedisException)
            {
                return -1;
            }
        }
    }

    private async Task<FramePeer> ConnectAsync(int node, string user)
    {
        var peer = await cluster.Nodes[node].ConnectAsync(user);
        _owned.Add(peer);
        return peer;
    }

    private async Task<FramePeer> JoinAsync(int node, string user, string room)
    {
        var peer = await ConnectAsync(node, user);
        await peer.JoinAsync(room);
        return peer;
    }
}

[Collection(ClusterSuite.Name)]
public sealed class PeopleOverRedisServerTests(RedisServerCluster cluster) : PeopleTests(cluster), IClassFixture<RedisServerCluster>;

[Collection(ClusterSuite.Name)]
public sealed class PeopleOverEmbeddedRedisTests(EmbeddedRedisCluster cluster) : PeopleTests(cluster), IClassFixture<EmbeddedRedisCluster>;
