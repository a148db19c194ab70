using Chat.Experiments.Ablations;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Backplane;
using Chat.Tests.Backplane.Support;
using Chat.Tests.Log;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;

namespace Chat.Tests.Protections;

/// <summary>Each protection of <c>log</c> is needed: beside a node that has it stands one without, and breaks its promise.</summary>
public sealed class ProtectionTests : IAsyncLifetime
{
    private const string Room = "lobby";

    private readonly List<IAsyncDisposable> _owned = [];
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    /// <summary>With all of them, <see cref="LogTests"/> proves the same promises kept.</summary>
    [Theory]
    [InlineData(Protection.Epoch, nameof(Promise.NothingHiddenByAFailover))]
    [InlineData(Protection.Idempotency, nameof(Promise.RetryOnTheSameNode))]
    [InlineData(Protection.Idempotency, nameof(Promise.RetryOnAnotherNode))]
    public async Task Without_it_the_promise_is_broken(string protection, string promise)
    {
        await using var cluster = await StrategyCluster.StartAsync(Strategy.Named("log"), RedisServerKind.RedisServer, protection);

        var broken = await Scenarios.RunAsync(Enum.Parse<Promise>(promise), cluster);

        Assert.NotNull(broken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_epochs_a_log_that_began_anew_is_hidden_by_the_old_one(bool named)
    {
        var node = await StartAsync("n0", _redis.ConnectionString, named ? [] : ["Without:0=epoch"]);
        var bob = Own(await node.JoinAsync("bob", Room));
        var log = node.Get<IBackplane>();
        foreach (var id in new[] { "1", "2", "3" })
        {
            await log.PublishAsync(LogHarness.Message(Room, "ada", id), CancellationToken.None);
            await bob.NextAsync<MessageFrame>(message => message.Id == id);
        }

        await node.Get<RedisCalls>().Database.ExecuteAsync("FLUSHALL");
        foreach (var id in new[] { "new 1", "new 2", "new 3", "new 4" })
        {
            await log.PublishAsync(LogHarness.Message(Room, "ada", id), CancellationToken.None);
        }

        await Within.True(10, () => Task.FromResult(Shown().Contains("new 4")), "the newest comes");
        Assert.Equal(named, Shown().Contains("new 2"));
        Assert.DoesNotContain(bob.Frames, frame => frame is JoinedFrame { Recovered: false } && !named);

        // With what he is told of a new log comes what it holds.
        IEnumerable<string> Shown() => Ids(bob).Concat(bob.Frames.OfType<JoinedFrame>().SelectMany(joined => joined.Messages).Select(message => message.Id));
    }

    [Fact]
    public async Task Without_gap_repair_what_a_blink_swallowed_never_comes()
    {
        var (whole, wholeLink) = await JoinedAsync("whole");
        var (without, withoutLink) = await JoinedAsync("without", "Without:0=gap-repair", "RecheckPeriod=00:00:00.5");
        await using var log = await LogHarness.ConnectAsync(_redis);

        using (wholeLink.Cut())
        using (withoutLink.Cut())
        {
            await log.PublishAsync(Room, "ada", "meanwhile");
        }

        await whole.NextAsync<MessageFrame>(message => message.Id == "meanwhile");
        await HearsAgainAsync(log, without);
        Assert.DoesNotContain("meanwhile", Ids(without));
    }

    [Fact]
    public async Task Without_the_canary_a_node_stays_deaf_and_calls_itself_well()
    {
        var (whole, wholeLink) = await JoinedAsync("whole", Canary);
        var (without, withoutLink) = await JoinedAsync("without", [.. Canary, "Without:0=canary"]);
        await using var log = await LogHarness.ConnectAsync(_redis);

        wholeLink.Deafen();
        withoutLink.Deafen();
        await log.PublishAsync(Room, "ada", "unheard");

        await whole.NextAsync<MessageFrame>(message => message.Id == "unheard", seconds: 20);
        Assert.DoesNotContain("unheard", Ids(without));
        Assert.True(Node("without").Get<NodeStatus>().IsReady);
    }

    [Fact]
    public async Task Without_leases_who_was_on_a_killed_node_is_there_for_ever()
    {
        var ada = await (await StartAsync("n0", _redis.ConnectionString, PeopleCluster.Settings)).JoinAsync("ada", Room);
        var whole = Own(await NodeProcess.StartAsync(_redis, "whole", PeopleCluster.Settings));
        var without = Own(await NodeProcess.StartExperimentAsync(_redis, "without", [.. PeopleCluster.Settings, "Without:0=lease"]));
        var bob = Own(await FramePeer.ConnectAsync(whole.Url, Node("n0").Token("bob")));
        await bob.JoinAsync(Room);
        var ghost = Own(await FramePeer.ConnectAsync(without.Url, Node("n0").Token("ghost")));
        await ghost.JoinAsync(Room);
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("ghost"));

        without.Kill();
        whole.Kill();

        await ada.NextAsync<PresenceFrame>(frame => frame.Left.Contains("bob"), seconds: 20);
        Assert.Contains("ghost", (await ada.JoinAsync(Room)).Members!);
        var redis = Node("n0").Get<RedisCalls>().Database;
        Assert.True(await redis.KeyExistsAsync(NodeLeaseCodec.KeyOf("without")));
        Assert.True(await redis.KeyTimeToLiveAsync(NodeLeaseCodec.KeyOf("without")) > TimeSpan.FromDays(365));
        Assert.Contains("runs without lease", without.Output);
    }

    private static string[] Canary => ["CanaryPeriod=00:00:00.2", "CanaryTimeout=00:00:01"];

    private static IEnumerable<string> Ids(FramePeer peer) => peer.Frames.OfType<MessageFrame>().Select(message => message.Id);

    private static Task HearsAgainAsync(LogHarness log, FramePeer peer) => Within.True(
        20,
        async () =>
        {
            await log.PublishAsync(Room, "ada", Chat.Client.ChatClient.NewMessageId());
            return Ids(peer).Any();
        },
        "the node hears again");

    /// <summary>A member on a node of its own, and what lies between that node and Redis.</summary>
    private async Task<(FramePeer Member, RedisLink Link)> JoinedAsync(string node, params string[] settings)
    {
        var link = Own(new RedisLink(_redis.Port));
        var started = await StartAsync(node, $"{link.Endpoint}", settings);
        await Within.True(10, () => Task.FromResult(started.Get<NodeStatus>().IsReady), "the node is ready");
        return (Own(await started.JoinAsync($"member-{node}", Room)), link);
    }

    private async Task<TestNode> StartAsync(string id, string redis, params string[] settings) =>
        Own(await TestNode.StartExperimentAsync(redis, id, settings));

    private TestNode Node(string id) => _owned.OfType<TestNode>().Single(node => node.Get<NodeIdentity>().Id == id);

    private T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
