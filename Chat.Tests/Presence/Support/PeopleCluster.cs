using Chat.Lab.Cluster;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Presence.Support;

/// <summary>Three nodes in this process over one server, shared by the tests of a class: each has rooms and users of its own.</summary>
public abstract class PeopleCluster(RedisServerKind kind) : IAsyncDisposable
{
    internal static readonly string[] Settings =
    [
        "NodeLease=00:00:02.5", "NodeLeaseRenewal=00:00:00.5", "RedisDeadline=00:00:02", "PresenceGrace=00:00:01.5",
        "MembersListedMax=4", "PresenceCountPeriod=00:00:00.3", "ConnectionsPerUserMax=4",
    ];

    private RedisServer? _redis;

    internal RedisServer Redis => _redis!;

    internal List<TestNode> Nodes { get; } = [];

    private IDatabase Database => Nodes[0].Get<RedisCalls>().Database;

    /// <summary>By the first test; skips it where there is no such server.</summary>
    public async Task EnsureStartedAsync()
    {
        if (_redis is not null)
        {
            return;
        }

        _redis = await TestRedis.StartAsync(kind);
        for (var i = 0; i < 3; i++)
        {
            Nodes.Add(await TestNode.StartAsync(_redis, $"n{i}", Settings));
        }
    }

    /// <summary>Connections that Redis holds as present in the room.</summary>
    internal async Task<int> EntriesAsync(string room) =>
        (await Database.HashKeysAsync($"chat:{{{room}}}:presence")).Count(field => !field.StartsWith(":"));

    internal Task<bool> LeaseExistsAsync(string node) => Database.KeyExistsAsync(NodeLeaseCodec.KeyOf(node));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}

public sealed class RedisServerCluster() : PeopleCluster(RedisServerKind.RedisServer);

public sealed class EmbeddedRedisCluster() : PeopleCluster(RedisServerKind.Embedded);
