using System.Collections.Concurrent;
using Chat.Protocol;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Balancer;

/// <summary>The whole loop: leases tell the loads, the balancer asks, nodes close, clients come back.</summary>
[Collection(ClusterSuite.Name)]
public sealed class EvennessTests(ITestOutputHelper output)
{
    private const int Clients = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Added_node_gets_its_share_and_then_nobody_is_moved_any_more(int balancers)
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var multiplexer = await redis.ConnectAsync();
        await using var cluster = new Cluster(multiplexer);
        var doors = await Task.WhenAll(Enumerable.Range(0, balancers).Select(_ => TestBalancer.StartAsync(
            $"ConnectionStrings:redis={redis.Impatient()}", "LeasePollSeconds=0.1", "ShedPeriodSeconds=0.3", "ShedWindowMs=50", "SlowStartSeconds=0.5")));
        await cluster.AddAsync("a");
        await cluster.AddAsync("b");
        await cluster.AddAsync("c");
        await Eventually.HoldsAsync("three nodes are there", () => doors.All(door => door.Table.Current.Count(view => view.Usable) == 3));
        cluster.Connect(doors, Clients);
        await Eventually.HoldsAsync("all clients are connected", () => cluster.Connections.Sum() == Clients);

        await cluster.AddAsync("d");
        await Eventually.HoldsAsync("the load is even", () => cluster.Connections.Sum() == Clients && cluster.Connections.Max() <= 80, seconds: 30);

        var movedWhenEven = cluster.Moved;
        var even = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync("some rounds more have passed", () => TimeProvider.System.GetElapsedTime(even).TotalSeconds > 2);
        output.WriteLine($"{balancers} balancers: {cluster.Moved} moved, {cluster.Moved - movedWhenEven} of them when it was even");
        Assert.InRange(cluster.Moved, 60, 110);
        Assert.InRange(cluster.Moved - movedWhenEven, 0, 20);
        foreach (var door in doors)
        {
            await door.DisposeAsync();
        }
    }

    private sealed class Cluster(IConnectionMultiplexer redis) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentDictionary<string, SheddingNode> _nodes = new();
        private readonly List<Task> _running = [];

        public IReadOnlyList<int> Connections => [.. _nodes.Values.Select(node => node.Connections)];

        public int Moved => _nodes.Values.Sum(node => node.Moved);

        public async Task AddAsync(string id)
        {
            var node = new SheddingNode(id);
            _nodes[id] = node;
            var control = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf(id)));
            control.OnMessage(message => node.Shed((ShedControl)NodeControlCodec.Decode((byte[])message.Message!)!));
            _running.Add(node.RunAsync(_stop.Token));
            _running.Add(RenewAsync(node));
        }

        public void Connect(TestBalancer[] doors, int clients) =>
            _running.AddRange(Enumerable.Range(0, clients).Select(client => StayConnectedAsync(doors[client % doors.Length])));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            foreach (var node in _nodes.Values)
            {
                node.Dispose();
            }

            await Task.WhenAll(_running);
            _stop.Dispose();
        }

        private async Task RenewAsync(SheddingNode node)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (!_stop.IsCancellationRequested)
            {
                var database = redis.GetDatabase();
                await database.SetAddAsync(NodeLeaseCodec.Index, node.Id);
                await database.StringSetAsync(NodeLeaseCodec.KeyOf(node.Id), NodeLeaseCodec.Encode(node.Lease()), TimeSpan.FromSeconds(5));
                await timer.WaitForNextTickAsync();
            }
        }

        private async Task StayConnectedAsync(TestBalancer balancer)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    using var client = await balancer.ConnectAsync();
                    await client.SendAsync(TestBalancer.WebSocketRequest);
                    await client.ReadHeadAsync();
                    await client.WaitForEndAsync(_stop.Token);
                }
                catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Net.Sockets.SocketException)
                {
                    // Comes back, as clients do.
                }
            }
        }
    }

    /// <summary>A node that does nothing but hold tunnels, and closes the oldest when asked.</summary>
    private sealed class SheddingNode(string id) : IDisposable
    {
        private readonly RawNode _node = new(id);
        private readonly ConcurrentQueue<(string Balancer, RawPeer Peer)> _peers = new();
        private int _moved;
        private long _sequence;

        public string Id => id;

        public int Connections => _peers.Count;

        public int Moved => Volatile.Read(ref _moved);

        public NodeLease Lease()
        {
            var through = _peers.ToArray().CountBy(peer => peer.Balancer).ToDictionary();
            return _node.Lease(connections: through.Values.Sum()) with { Sequence = ++_sequence, Through = through };
        }

        public async Task RunAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    var (head, peer) = await _node.NextAsync(stop);
                    await peer.SendAsync(TestBalancer.WebSocketResponse);
                    var balancer = head.Split($"{NodeControlCodec.BalancerHeader}: ")[1].Split('\r')[0];
                    _peers.Enqueue((balancer, peer));
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }

        public void Shed(ShedControl shed)
        {
            for (var i = 0; i < shed.Connections && _peers.TryDequeue(out var peer); i++)
            {
                peer.Peer.Dispose();
                Interlocked.Increment(ref _moved);
            }
        }

        public void Dispose()
        {
            _node.Dispose();
            foreach (var (_, peer) in _peers)
            {
                peer.Dispose();
            }
        }
    }
}
