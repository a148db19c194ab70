using System.Text.RegularExpressions;
using Chat.Lab.Cluster;
using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Protocol;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Overload;

/// <summary>A hundred nodes, of which one is real and the others are their leases.</summary>
public sealed partial class ManyNodesTests
{
    private const int Others = 100;

    [Fact]
    public async Task A_node_reads_few_of_a_hundred_leases_and_still_sees_its_neighbour_die()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n000", "NodeLease=00:00:01", "NodeLeaseRenewal=00:00:00.2", "RedisDeadline=00:00:00.9", "PresenceGrace=00:00:00.5");
        var database = node.Get<RedisCalls>().Database;
        for (var i = 1; i <= Others; i++)
        {
            await WriteLeaseAsync(database, $"n{i:000}");
        }

        await database.PublishAsync(RedisChannel.Literal(NodeLeaseCodec.Changes), "n001");
        var watch = node.Get<NodeWatch>();
        await Within.True(10, () => Task.FromResult(watch.Last.Alive.Count == Others + 1), "all are known");

        var before = await ReadsAsync(database);
        var since = TimeProvider.System.GetTimestamp();
        await Within.True(10, () => Task.FromResult(TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(2)), "ten renewals");
        var reads = await ReadsAsync(database) - before;
        await database.KeyDeleteAsync(NodeLeaseCodec.KeyOf("n001"));

        await Within.True(5, () => Task.FromResult(watch.Last.Alive.Count == Others), "the death is seen");
        Assert.InRange(reads, 1, Others * 2);
    }

    [Fact]
    public void A_task_falls_to_one_of_the_nodes_evenly_and_to_the_same_whoever_asks()
    {
        string[] nodes = [.. Enumerable.Range(0, 10).Select(index => $"n{index}")];
        var owners = Enumerable.Range(0, 1000).Select(index => Duty.Of($"room{index}", nodes)!).ToArray();

        Assert.Equal(owners, Enumerable.Range(0, 1000).Select(index => Duty.Of($"room{index}", nodes.Reverse())!));
        Assert.All(nodes, node => Assert.InRange(owners.Count(owner => owner == node), 50, 150));

        // Who goes leaves its own to the others, and moves nothing else.
        var rest = nodes.Where(node => node != "n3").ToArray();
        Assert.All(
            Enumerable.Range(0, 1000).Where(index => owners[index] != "n3"), index => Assert.Equal(owners[index], Duty.Of($"room{index}", rest)));
    }

    [Fact]
    public void Every_node_of_a_ring_is_watched_by_as_many_others()
    {
        string[] nodes = [.. Enumerable.Range(0, 7).Select(index => $"n{index}")];

        var watched = nodes.SelectMany(node => Duty.Behind(node, nodes, most: 3)).GroupBy(node => node).ToDictionary(group => group.Key, group => group.Count());

        Assert.Equal(7, watched.Count);
        Assert.All(watched.Values, count => Assert.Equal(3, count));
        Assert.Equal(["n1"], Duty.Behind("n0", ["n0", "n1"], most: 3));
        Assert.Empty(Duty.Behind("n0", ["n0"], most: 3));
    }

    private static async Task WriteLeaseAsync(IDatabase database, string id)
    {
        var lease = new NodeLease(id, "1", "http://127.0.0.1:1", NodeState.Ready, Connections: 0, Load: 0);
        await database.StringSetAsync(NodeLeaseCodec.KeyOf(id), NodeLeaseCodec.Encode(lease), TimeSpan.FromMinutes(5));
        await database.SetAddAsync(NodeLeaseCodec.Index, id);
    }

    private static async Task<long> ReadsAsync(IDatabase database) =>
        long.Parse(GetCalls().Match((await database.ExecuteAsync("INFO", "commandstats")).ToString()).Groups[1].Value);

    [GeneratedRegex("cmdstat_get:calls=([0-9]+)")]
    private static partial Regex GetCalls();
}
