using System.Text.RegularExpressions;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Node.Backplane;
using Chat.Node.Signals;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Presence;

/// <summary>A node that missed a few changes of a big room reads those few.</summary>
public sealed partial class MissedChangesTests
{
    private const string Room = "lobby";

    [Theory]
    [InlineData(RedisServerKind.RedisServer)]
    [InlineData(RedisServerKind.Embedded)]
    public async Task What_changed_since_a_number_can_be_read_as_long_as_it_is_kept(RedisServerKind kind)
    {
        await using var redis = await TestRedis.StartAsync(kind);
        await using var node = await TestNode.StartAsync(redis, "n0", "PresenceSignalsMax=3");
        var store = node.Get<PeopleStore>();
        await EnterAsync(store, "c1", "u1");
        var record = await store.ReadAsync(Room, CancellationToken.None);
        await EnterAsync(store, "c2", "u2");
        await store.WriteAsync(Room, new RoomChangesBatch([], ["c1"], []), CancellationToken.None);

        var changes = await ReadAsync(record.Sequence);
        Assert.Equal([record.Sequence + 1, record.Sequence + 2], changes!.Select(change => change.Sequence));
        Assert.Equal(("u2", "c1"), (changes![0].Opened.Single().User, changes[1].Closed.Single()));
        Assert.Null(await ReadAsync(record.Sequence + 2));
        Assert.Null(await ReadAsync(record.Sequence + 3));
        Assert.Null(await store.ReadChangesAsync(Room, record.Life + 1, record.Sequence, CancellationToken.None));
        await EnterAsync(store, "c3", "u3");
        await EnterAsync(store, "c4", "u4");
        Assert.Null(await ReadAsync(record.Sequence));
        Assert.Equal(3, (await ReadAsync(record.Sequence + 1))!.Count);

        Task<IReadOnlyList<Signal>?> ReadAsync(long sequence) => store.ReadChangesAsync(Room, record.Life, sequence, CancellationToken.None);
    }

    [Fact]
    public async Task After_an_outage_a_node_reads_what_changed_and_not_everybody()
    {
        await using var redis = await TestRedis.StartRedisServerAsync();
        await using var link = FaultProxy.Start(redis.Port);
        await using var first = await TestNode.StartAsync($"127.0.0.1:{link.Port}", "n0");
        await using var second = await TestNode.StartAsync(redis, "n1");
        await using var ada = await first.JoinAsync("ada", Room);
        await using var carl = await second.JoinAsync("carl", Room);
        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("carl"));
        var database = second.Get<RedisCalls>().Database;

        link.Set(Fault.Refuse);
        await using var bob = await second.JoinAsync("bob", Room);
        await carl.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"));
        var before = await ReadsAsync(database);
        link.Set(Fault.Pass);

        await ada.NextAsync<PresenceFrame>(frame => frame.Joined.Contains("bob"), seconds: 20);
        Assert.Equal(before, await ReadsAsync(database));
    }

    private static Task EnterAsync(PeopleStore store, string connection, string user) =>
        store.WriteAsync(Room, new RoomChangesBatch([new(connection, user)], [], []), CancellationToken.None);

    private static async Task<string> ReadsAsync(IDatabase database) =>
        HashCalls().Match((await database.ExecuteAsync("INFO", "commandstats")).ToString()).Groups[1].Value;

    [GeneratedRegex("cmdstat_hgetall:calls=([0-9]+)")]
    private static partial Regex HashCalls();
}
