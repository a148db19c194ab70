using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Tests.Log;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Overload;

/// <summary>What those who join get from the node itself is what they would get from the log.</summary>
public sealed class FromMemoryTests
{
    private const string Room = "lobby";
    private const int Newest = 20;

    [Theory]
    [InlineData(RedisServerKind.RedisServer, 0)]
    [InlineData(RedisServerKind.RedisServer, 5)]
    [InlineData(RedisServerKind.RedisServer, 20)]
    [InlineData(RedisServerKind.Embedded, 47)]
    public async Task A_thousand_who_come_back_at_once_get_what_the_log_has_without_reading_it(RedisServerKind kind, int messages)
    {
        await using var server = await TestRedis.StartAsync(kind);
        var probe = new RedisProbe();
        await using var log = await LogHarness.ConnectAsync(server, new NodeOptions { NewestMessages = Newest }, probe);
        var delivered = 0;
        await using var feed = await log.Backplane.SubscribeAsync(
            Room, new RoomSubscriber(_ => Interlocked.Increment(ref delivered), _ => { }), CancellationToken.None);
        for (var i = 1; i <= messages; i++)
        {
            await log.PublishAsync(Room, "ada", $"m{i}");
        }

        await Within.True(10, () => Task.FromResult(Volatile.Read(ref delivered) == messages), "all are delivered");
        var epoch = (await log.Reader.ReadAfterAsync(Room, after: null, CancellationToken.None)).Top.Epoch;
        probe.Forget();
        Position?[] positions = [null, .. Enumerable.Range(Math.Max(0, messages - Newest), Math.Min(messages, Newest) + 1).Select(offset => new Position(epoch, offset))];
        var read = new List<CatchUp>();
        foreach (var position in Enumerable.Range(0, 1000 / positions.Length).SelectMany(_ => positions))
        {
            read.Add(await log.Backplane.ReadAfterAsync(Room, position, CancellationToken.None));
        }

        Assert.Equal(0, probe.Calls(nameof(IDatabase.ScriptEvaluateAsync)));
        for (var i = 0; i < positions.Length; i++)
        {
            var right = await log.Reader.ReadAfterAsync(Room, positions[i], CancellationToken.None);
            Assert.Equal((right.Top, right.Recovered), (read[i].Top, read[i].Recovered));
            Assert.Equal(right.Messages.Select(Text), read[i].Messages.Select(Text));
        }
    }

    [Fact]
    public async Task What_the_node_does_not_hold_is_read_from_the_log()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var log = await LogHarness.ConnectAsync(server, new NodeOptions { NewestMessages = 5, FeedsBytesMax = 1000 });
        var delivered = 0;
        await using var feed = await log.Backplane.SubscribeAsync(
            Room, new RoomSubscriber(_ => Interlocked.Increment(ref delivered), _ => { }), CancellationToken.None);
        for (var i = 1; i <= 30; i++)
        {
            await log.PublishAsync(Room, "ada", $"m{i}");
        }

        await Within.True(10, () => Task.FromResult(Volatile.Read(ref delivered) == 30), "all are delivered");
        var epoch = (await log.Reader.ReadAfterAsync(Room, after: null, CancellationToken.None)).Top.Epoch;
        Position?[] positions =
        [
            null, new(epoch, 0), new(epoch, 24), new(epoch, 29), new(epoch, 31), new("another", 29), new(epoch, 29) { Id = "m29" }, new(epoch, 29) { Id = "other" },
        ];

        foreach (var position in positions)
        {
            var right = await log.Reader.ReadAfterAsync(Room, position, CancellationToken.None);
            var read = await log.Backplane.ReadAfterAsync(Room, position, CancellationToken.None);
            Assert.Equal((right.Top, right.Recovered), (read.Top, read.Recovered));
            Assert.Equal(right.Messages.Select(Text), read.Messages.Select(Text));
        }
    }

    private static string Text(Publication publication) => System.Text.Encoding.UTF8.GetString(publication.Frame.Span);
}
