using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>One fault each, and what must come of it.</summary>
[Collection(ClusterSuite.Name)]
public sealed class FaultTests
{
    private const string Room = "lobby";

    [Theory]
    [InlineData(RedisServerKind.Embedded, 1)]
    [InlineData(RedisServerKind.RedisServer, 1)]
    [InlineData(RedisServerKind.RedisServer, 5)]
    public async Task A_node_cut_off_from_Redis_loses_nothing_and_stores_what_it_refused_once(RedisServerKind redis, int seconds)
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Redis = redis });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room, node: 0);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room, node: 1);
        ada.Send(10);
        bob.Send(10);
        await bob.ShownAsync(20);

        cluster.Nodes[0].Redis.Set(Fault.Refuse);
        for (var i = 0; i < 10 * seconds; i++)
        {
            ada.Send(1);
            bob.Send(1);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await bob.AckedAsync();
        cluster.Nodes[0].Redis.Set(Fault.Pass);

        await TestUser.AssertRightAsync(cluster, Room, [ada, bob]);
    }

    [Theory]
    [InlineData(nameof(Fault.BlackHole))]
    [InlineData(nameof(Fault.BlackHoleFromTarget))]
    public async Task A_node_that_Redis_does_not_answer_any_more_says_so_and_comes_back(string way)
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Redis = RedisServerKind.RedisServer });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room, node: 0);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room, node: 1);
        var node = cluster.Nodes[0];

        node.Redis.Set(Enum.Parse<Fault>(way));
        bob.Send(5);

        // The canary may take 4 s, the call that sends it 3 s, and its period 1 s; the rest is for a busy machine.
        await Within.True(4 + 6, async () => !await node.IsReadyAsync(), "the node is not ready");
        await Within.True(4 + 3 + 1 + 6, () => Task.FromResult(ada.Client.Status.Degraded), "the client is told that the node is degraded");
        Assert.Equal(ConnectionState.Connected, ada.Client.Status.State);
        Assert.True(await cluster.Nodes[1].IsReadyAsync());
        ada.Send(5);
        node.Redis.Set(Fault.Pass);
        await node.WaitReadyAsync(TestContext.Current.CancellationToken);
        await Within.True(10, () => Task.FromResult(!ada.Client.Status.Degraded), "the client is told that the node is well");
        await TestUser.AssertRightAsync(cluster, Room, [ada, bob]);
    }

    [Fact]
    public async Task A_client_that_leaves_while_Redis_hangs_is_let_go_at_once()
    {
        // Redis may take its time: the library that calls it gives up after 5 s.
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions
        {
            Nodes = 1,
            Redis = RedisServerKind.RedisServer,
            NodeSettings = ["RedisDeadline=00:00:50", "NodeLease=00:01:00", "CanaryTimeout=00:01:00"],
        });
        using var raw = await RawWebSocket.ConnectAsync(cluster.Nodes[0].DirectUrl, cluster.TokenFor("ada"));
        await raw.SendAsync(new JoinFrame(Room));
        await raw.ReadAsync<JoinedFrame>();
        cluster.Nodes[0].Redis.Set(Fault.BlackHole);

        await raw.SendAsync(RawWebSocket.Frame(0x88, [0x03, 0xE8]));

        Assert.Equal(1000, (await raw.ReadToCloseAsync()).Code);
        Assert.Equal(0, await raw.SkipAsync(1000, seconds: 3));
    }

    [Fact]
    public async Task What_a_killed_node_was_about_to_store_is_stored_once_by_another()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Redis = RedisServerKind.RedisServer });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room);
        var node = cluster.Nodes.Single(node => node.Id == ada.Client.Status.Node);

        ada.Send(400);
        await ada.AckedAsync(20);
        await node.KillAsync();
        await ada.AckedAsync();
        await node.StartAsync();
        await node.WaitReadyAsync(TestContext.Current.CancellationToken);

        await TestUser.AssertRightAsync(cluster, Room, [ada, bob]);
    }

    [Fact]
    public async Task Clients_of_a_paused_node_move_on_and_the_node_repairs_itself_when_it_goes_on()
    {
        await using var cluster = await TestCluster.StartAsync(
            new ClusterOptions { NodeSettings = ["PingPeriod=00:00:02", "PongTimeout=00:00:02"] });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room);
        var node = cluster.Nodes.Single(node => node.Id == ada.Client.Status.Node);

        node.Pause();
        ada.Send(10);
        bob.Send(10);
        await ada.AckedAsync();
        node.Continue();

        await node.WaitReadyAsync(TestContext.Current.CancellationToken);
        await TestUser.AssertRightAsync(cluster, Room, [ada, bob]);
    }
}
