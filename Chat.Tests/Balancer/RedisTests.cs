using Chat.Protocol;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Balancer;

/// <summary>What the balancer learns from Redis and says there.</summary>
public sealed class RedisTests
{
    [Fact]
    public async Task Nodes_are_learnt_from_their_leases_and_changes_are_heard_at_once()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "LeasePollSeconds=60");

        await WriteAsync(multiplexer, node.Lease());
        await Eventually.HoldsAsync("the node is a destination", () => balancer.Table.Current is [{ Ready: true }]);
        await WriteAsync(multiplexer, node.Lease(NodeState.Draining, connections: 7));
        await Eventually.HoldsAsync("it drains", () => balancer.Table.Current is [{ Ready: false, Connections: 7 }]);
    }

    [Fact]
    public async Task With_redis_away_the_last_table_stays_and_an_empty_redis_does_not_clear_it()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "LeasePollSeconds=0.1");
        await using (var multiplexer = await redis.ConnectAsync())
        {
            await WriteAsync(multiplexer, node.Lease());
        }

        await Eventually.HoldsAsync("the node is a destination", () => balancer.Table.Current.Length == 1);
        await redis.KillAsync();
        await balancer.TunnelAsync(node);
        await redis.RestartAsync(keepData: false);
        await Eventually.HoldsAsync(
            "the balancer has read an empty index",
            () => balancer.Table.Current is [var view] && TimeProvider.System.GetElapsedTime(view.LeaseSeen).TotalSeconds > 1.5);
        await balancer.TunnelAsync(node);

        node.Dispose();
        node.Ready = false;
        await Eventually.HoldsAsync("without lease and without answer it goes", () => balancer.Table.Current.IsEmpty);
    }

    [Fact]
    public async Task Node_with_more_than_its_share_is_asked_to_move_the_surplus()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        var asked = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf("a")));
        using var full = new RawNode("a");
        using var empty = new RawNode("b");
        await WriteAsync(multiplexer, full.Lease(connections: 100));
        await WriteAsync(multiplexer, empty.Lease());
        await using var balancer = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "ShedPeriodSeconds=0.2", "SlowStartSeconds=0");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var message = await asked.ReadAsync(limit.Token);

        Assert.Equal(new ShedControl(10, 2_000), NodeControlCodec.Decode((byte[])message.Message!));
    }

    [Fact]
    public async Task Shedding_can_be_switched_off()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        using var full = new RawNode("a");
        using var empty = new RawNode("b");
        await WriteAsync(multiplexer, full.Lease(connections: 100));
        await WriteAsync(multiplexer, empty.Lease());
        await using var balancer = await TestBalancer.StartAsync(
            $"ConnectionStrings:redis={redis.Impatient()}", "ShedPeriodSeconds=0.05", "Shedding=false");

        await Eventually.HoldsAsync("several rounds have passed", () => multiplexer.GetDatabase().KeyExists("chat:balancers") && balancer.Table.Current.Length == 2);

        Assert.False(await multiplexer.GetDatabase().KeyExistsAsync("chat:balancer:shedding"));
        Assert.Equal(0, balancer.Table.Current[0].Destination.Shed);
    }

    [Fact]
    public async Task Old_connections_are_moved_by_and_by()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        var asked = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf("a")));
        using var node = new RawNode("a");
        await WriteAsync(multiplexer, node.Lease());
        await using var balancer = await TestBalancer.StartAsync(
            $"ConnectionStrings:redis={redis.Impatient()}", "ShedPeriodSeconds=0.1", "ConnectionAgeSecondsMax=0.2", "Id=b1");
        await Eventually.HoldsAsync("the node is a destination", () => balancer.Table.Current.Length == 1);
        await balancer.TunnelAsync(node);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var message = await asked.ReadAsync(limit.Token);

        Assert.Equal(new ShedControl(1, 2_000, "b1"), NodeControlCodec.Decode((byte[])message.Message!));
    }

    [Fact]
    public async Task Leaving_asks_the_nodes_to_move_the_clients_when_another_balancer_is_there()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        var asked = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf("a")));
        using var node = new RawNode("a");
        await WriteAsync(multiplexer, node.Lease());
        await using var leaving = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "Id=b1", "DrainSeconds=1");
        await using var staying = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "Id=b2");
        await Eventually.HoldsAsync("both balancers are there", () => multiplexer.GetDatabase().SetLength("chat:balancers") == 2);
        await Eventually.HoldsAsync("the node is a destination", () => leaving.Table.Current.Length == 1);
        await leaving.TunnelAsync(node);

        await leaving.StopAsync();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var message = await asked.ReadAsync(limit.Token);
        Assert.Equal(new ShedControl(1, 500, "b1"), NodeControlCodec.Decode((byte[])message.Message!));
    }

    [Fact]
    public async Task Leaving_asks_again_while_clients_are_still_here_and_stays_out_of_the_register()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        var database = multiplexer.GetDatabase();
        var asked = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf("a")));
        using var node = new RawNode("a");
        await WriteAsync(multiplexer, node.Lease());
        await using var leaving = await TestBalancer.StartAsync(
            $"ConnectionStrings:redis={redis.Impatient()}", "Id=b1", "DrainSeconds=2", "ShedPeriodSeconds=0.05");
        await using var staying = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "Id=b2");
        await Eventually.HoldsAsync("both balancers are there", () => database.SetLength("chat:balancers") == 2);
        await Eventually.HoldsAsync("the node is a destination", () => leaving.Table.Current.Length == 1);
        var (client, _) = await leaving.TunnelAsync(node);

        var stopping = leaving.StopAsync();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 3; i++)
        {
            var shed = (ShedControl)NodeControlCodec.Decode((byte[])(await asked.ReadAsync(limit.Token)).Message!)!;
            Assert.Equal((1, "b1"), (shed.Connections, shed.Balancer));
        }

        Assert.Equal(["b2"], (await database.SetMembersAsync("chat:balancers")).Select(id => id.ToString()));
        Assert.False(await database.KeyExistsAsync("chat:balancer:b1"));
        client.Dispose();
        await stopping;
    }

    [Fact]
    public async Task Balancers_that_went_without_leaving_are_forgotten_and_are_nobody_to_take_over()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        var database = multiplexer.GetDatabase();
        await using var balancer = await TestBalancer.StartAsync($"ConnectionStrings:redis={redis.Impatient()}", "Id=b1");
        await Eventually.HoldsAsync("it is there", () => database.SetLength("chat:balancers") == 1);
        await database.SetAddAsync("chat:balancers", ["dead1", "dead2"]);

        await balancer.StopAsync();

        Assert.Equal(0, await database.SetLengthAsync("chat:balancers"));
    }

    private static async Task WriteAsync(IConnectionMultiplexer redis, NodeLease lease)
    {
        var database = redis.GetDatabase();
        await database.SetAddAsync(NodeLeaseCodec.Index, lease.Id);
        await database.StringSetAsync(NodeLeaseCodec.KeyOf(lease.Id), NodeLeaseCodec.Encode(lease));
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(NodeLeaseCodec.Changes), lease.Id);
    }
}
