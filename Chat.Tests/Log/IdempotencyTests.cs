using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Tests.Support;
using CsCheck;

namespace Chat.Tests.Log;

/// <summary>The real scripts on both servers against the simplest model: a list and a map of ids.</summary>
public sealed class IdempotencyTests
{
    private const int Iterations = 40;

    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task The_same_id_is_stored_once_whoever_sends_it_again_and_however_the_log_is_trimmed(RedisServerKind redis)
    {
        const int Kept = 8;
        await using var server = await TestRedis.StartAsync(redis);
        await using var one = await LogHarness.ConnectAsync(server, new NodeOptions { LogMessagesMax = Kept, RecoveryMessagesMax = Kept, NewestMessages = Kept });
        await using var two = await LogHarness.ConnectAsync(server, one.Options);
        var rooms = 0;

        await Gen.Select(Gen.Int[0, 2], Gen.Int[0, 12], Gen.Bool).Array[1, 40].SampleAsync(
            async sends =>
            {
                var room = $"room-{Interlocked.Increment(ref rooms)}";
                var places = new Dictionary<(int Author, int Id), long>();
                foreach (var (author, id, first) in sends)
                {
                    var known = places.TryGetValue((author, id), out var place);
                    var stored = await (first ? one : two).PublishAsync(room, $"a{author}", $"{id}");

                    places[(author, id)] = known ? place : places.Count + 1;
                    Assert.Equal((places[(author, id)], known), (stored.Position.Offset, stored.Duplicate));
                }

                var log = await one.Reader.ReadAfterAsync(room, after: null, CancellationToken.None);
                Assert.Equal(places.Count, log.Top.Offset);
                Assert.Equal(
                    places.OrderBy(entry => entry.Value).TakeLast(Kept).Select(entry => ($"a{entry.Key.Author}", $"{entry.Key.Id}", entry.Value)),
                    log.Messages.Select(Read));
            },
            iter: Iterations,
            threads: 1);
    }

    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task An_id_is_forgotten_after_its_time_and_not_before(RedisServerKind redis)
    {
        var memory = TimeSpan.FromSeconds(2);
        await using var server = await TestRedis.StartAsync(redis);
        await using var log = await LogHarness.ConnectAsync(server, new NodeOptions { IdMemory = memory });
        var started = TimeProvider.System.GetTimestamp();
        Assert.False((await log.PublishAsync("room", "ada", "1")).Duplicate);

        Assert.True((await log.PublishAsync("room", "ada", "1")).Duplicate || TimeProvider.System.GetElapsedTime(started) >= memory);

        await Within.True(10, async () => !(await log.PublishAsync("room", "ada", "1")).Duplicate, "the id is forgotten");
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= memory * 0.9);
    }

    [Fact]
    public async Task Of_retries_that_race_from_two_nodes_one_is_stored()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var one = await LogHarness.ConnectAsync(server);
        await using var two = await LogHarness.ConnectAsync(server);

        var stored = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            index => (index % 2 == 0 ? one : two).PublishAsync("room", "ada", $"{index / 10}")));

        Assert.Equal(20, stored.Count(each => !each.Duplicate));
        Assert.Equal(20, stored.Select(each => each.Position).Distinct().Count());
    }

    private static (string Author, string Id, long Offset) Read(Publication publication)
    {
        var frame = Assert.IsType<Protocol.Frames.MessageFrame>(FrameCodec.DecodeServer(publication.Frame.Span, out _));
        return (frame.Author, frame.Id, frame.Offset);
    }
}
