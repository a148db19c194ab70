using Chat.Node.Backplane;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Tests.Presence.Support;

/// <summary>Nodes in this process over one redis-server; every peer and node is ended with it.</summary>
internal sealed class PeopleCluster : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];

    private PeopleCluster(RedisProcess redis) => Redis = redis;

    public RedisProcess Redis { get; }

    public List<TestNode> Nodes { get; } = [];

    private IDatabase Database => Nodes[0].Get<RedisCalls>().Database;

    public static async Task<PeopleCluster> StartAsync(int nodes, params string[] settings)
    {
        var cluster = new PeopleCluster(await RedisProcess.StartAsync());
        for (var i = 0; i < nodes; i++)
        {
            await cluster.AddNodeAsync($"n{i}", settings);
        }

        return cluster;
    }

    public async Task<TestNode> AddNodeAsync(string id, params string[] settings)
    {
        var node = await TestNode.StartAsync(Redis, id, settings);
        Nodes.Add(node);
        return node;
    }

    public async Task<FramePeer> ConnectAsync(int node, string user)
    {
        var peer = await Nodes[node].ConnectAsync(user);
        _owned.Add(peer);
        return peer;
    }

    public async Task<FramePeer> JoinAsync(int node, string user, string room)
    {
        var peer = await ConnectAsync(node, user);
        await peer.JoinAsync(room);
        return peer;
    }

    /// <summary>Connections that Redis holds as present in the room.</summary>
    public async Task<int> EntriesAsync(string room) =>
        (await Database.HashKeysAsync($"chat:{{{room}}}:presence")).Count(field => field != ":seq");

    public Task<bool> LeaseExistsAsync(string node) => Database.KeyExistsAsync(NodeLeaseCodec.KeyOf(node));

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Redis.DisposeAsync();
    }
}
