using System.Collections.Concurrent;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Protocol;
using Chat.Tests.Support;
using CsCheck;

namespace Chat.Tests.Log;

/// <summary>A feed against a log that is written by hand, so that pub/sub can lose, double and reorder what it likes.</summary>
public sealed class LogFeedTests : IAsyncLifetime
{
    private const string Epoch = "first";
    private const int Iterations = 60;

    private RedisServer _server = null!;
    private LogHarness _log = null!;
    private int _rooms;

    public async ValueTask InitializeAsync()
    {
        _server = await TestRedis.StartAsync(RedisServerKind.RedisServer);

        // Small limits: repairs of several chunks, and publications that find no place to wait.
        _log = await LogHarness.ConnectAsync(
            _server, new NodeOptions { RecoveryMessagesMax = 7, NewestMessages = 5, FeedPublicationsMax = 4 });
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>What pub/sub makes of each message that is written: nothing, itself, itself twice, or an older one again.</summary>
    private enum Fate
    {
        Lost,
        Published,
        Twice,
        OlderAgain,
        Recheck,
    }

    [Fact]
    public async Task Whatever_pubsub_loses_and_doubles_the_room_gets_the_log() =>
        await Gen.Select(Gen.Int[0, 10], Gen.Enum<Fate>().Array[1, 40]).SampleAsync(
            async (before, fates) =>
            {
                var room = $"room-{Interlocked.Increment(ref _rooms)}";
                await WriteAsync(room, 1, before);
                var delivered = new ConcurrentQueue<Publication>();
                await using var feed = Feed(room, delivered.Enqueue, _ => Assert.Fail("Nothing was lost, and the members were told so"));
                await feed.OpenAsync(_log.Subscriptions, CancellationToken.None);

                var top = before;
                foreach (var fate in fates)
                {
                    await MeetAsync(feed, room, fate, ++top);
                }

                // What the slow period does.
                feed.Recheck();
                await Within.True(20, () => Task.FromResult(delivered.Count >= top - before), "the room has got everything");
                Assert.Equal(
                    Enumerable.Range(before + 1, top - before).Select(offset => (long)offset),
                    delivered.Select(publication => publication.Position.Offset));
            },
            iter: Iterations,
            threads: 1);

    [Fact]
    public async Task After_Redis_lost_its_newest_writes_the_room_is_told_once_and_goes_on_from_the_log() =>
        await Gen.Select(Gen.Int[1, 30], Gen.Int[1, 10], Gen.Int[0, 5], Gen.Bool).SampleAsync(
            async (kept, lost, written, publishes) =>
            {
                var room = $"room-{Interlocked.Increment(ref _rooms)}";
                await WriteAsync(room, 1, kept + lost);
                var delivered = new ConcurrentQueue<Publication>();
                var resets = new ConcurrentQueue<CatchUp>();
                await using var feed = Feed(room, delivered.Enqueue, resets.Enqueue);
                await feed.OpenAsync(_log.Subscriptions, CancellationToken.None);

                await _log.Database.ListTrimAsync(LogKeys.Log(room), 0, kept - 1);
                feed.Recheck();
                await Within.True(20, () => Task.FromResult(!resets.IsEmpty), "the room is told");
                var (epoch, _) = resets.Single().Top;
                for (var i = 1; i <= written; i++)
                {
                    await WriteAsync(room, kept + i, 1, epoch);
                    if (publishes)
                    {
                        await PublishAsync(room, kept + i, epoch);
                    }
                }

                feed.Recheck();
                await Within.True(20, () => Task.FromResult(delivered.Count >= written), "the room has got everything");
                Assert.Equal((false, (long)kept), (resets.Single().Recovered, resets.Single().Top.Offset));
                Assert.NotEqual(Epoch, epoch);
                Assert.Equal(
                    Enumerable.Range(kept + 1, written).Select(offset => new Position(epoch, offset)),
                    delivered.Select(publication => publication.Position));
            },
            iter: Iterations,
            threads: 1);

    [Theory]
    [InlineData("what is this")]
    [InlineData("2 first 4 0 a line of a later version\n{}")]
    public async Task An_entry_that_cannot_be_read_is_stepped_over_and_the_members_are_told(string entry)
    {
        const string Room = "poisoned";
        await WriteAsync(Room, 1, 3);
        var delivered = new ConcurrentQueue<Publication>();
        var resets = new ConcurrentQueue<CatchUp>();
        await using var feed = Feed(Room, delivered.Enqueue, resets.Enqueue);
        await feed.OpenAsync(_log.Subscriptions, CancellationToken.None);

        await _log.Database.ListRightPushAsync(LogKeys.Log(Room), entry);
        await WriteAsync(Room, 5, 1);
        await PublishAsync(Room, 5, Epoch);
        await Within.True(10, () => Task.FromResult(!resets.IsEmpty), "the members are told");
        await WriteAsync(Room, 6, 1);
        await PublishAsync(Room, 6, Epoch);

        await Within.True(10, () => Task.FromResult(!delivered.IsEmpty), "the room goes on");
        var reset = Assert.Single(resets);
        Assert.Equal((new Position(Epoch, 5), false), (reset.Top, reset.Recovered));
        Assert.Equal([5L], reset.Messages.Select(message => message.Position.Offset));
        Assert.Equal([6L], delivered.Select(message => message.Position.Offset));
    }

    [Fact]
    public async Task A_client_that_resumes_across_an_entry_that_cannot_be_read_is_told_so()
    {
        const string Room = "crossed";
        await WriteAsync(Room, 1, 3);
        await _log.Database.ListRightPushAsync(LogKeys.Log(Room), "what is this");
        await WriteAsync(Room, 5, 2);

        var across = await _log.Reader.ReadAfterAsync(Room, new Position(Epoch, 2), CancellationToken.None);
        var behind = await _log.Reader.ReadAfterAsync(Room, new Position(Epoch, 4), CancellationToken.None);

        Assert.False(across.Recovered);
        Assert.True(behind.Recovered);
        Assert.All([across, behind], read => Assert.Equal([5L, 6L], read.Messages.Select(message => message.Position.Offset)));
    }

    [Fact]
    public async Task A_log_that_ends_with_what_cannot_be_read_can_still_be_written_and_read()
    {
        const string Room = "tail";
        await _log.PublishAsync(Room, "ada", "a");
        await _log.Database.ListRightPushAsync(LogKeys.Log(Room), "what is this");

        var newest = await _log.Reader.ReadAfterAsync(Room, after: null, CancellationToken.None);
        var page = await _log.Backplane.ReadBeforeAsync(Room, long.MaxValue, 10, CancellationToken.None);
        var stored = await _log.PublishAsync(Room, "ada", "b");

        Assert.Equal(1, newest.Top.Offset);
        Assert.Single(page.Messages);
        Assert.Equal(2, stored.Position.Offset);
    }

    [Fact]
    public async Task A_fault_of_our_own_while_a_log_is_read_does_not_make_the_room_deaf()
    {
        const string Room = "fault";
        await WriteAsync(Room, 1, 3);
        var delivered = new ConcurrentQueue<Publication>();
        var faults = 1;
        await using var feed = Feed(
            Room,
            publication =>
            {
                if (Interlocked.Decrement(ref faults) >= 0)
                {
                    throw new InvalidOperationException("A fault of our own.");
                }

                delivered.Enqueue(publication);
            },
            _ => { });
        await feed.OpenAsync(_log.Subscriptions, CancellationToken.None);

        await WriteAsync(Room, 4, 2);
        feed.Recheck();
        await Within.True(10, () => Task.FromResult(Volatile.Read(ref faults) < 1), "the fault has come");
        await WriteAsync(Room, 6, 1);
        feed.Recheck();

        await Within.True(10, () => Task.FromResult(delivered.Any(message => message.Position.Offset == 6)), "the room is heard again");
    }

    [Fact]
    public async Task A_late_publication_of_a_log_that_is_gone_changes_nothing()
    {
        await WriteAsync("late", 1, 2, epoch: "second");
        var delivered = new ConcurrentQueue<Publication>();
        await using var feed = Feed("late", delivered.Enqueue, _ => Assert.Fail("Nothing was lost, and the members were told so"));
        await feed.OpenAsync(_log.Subscriptions, CancellationToken.None);

        await PublishAsync("late", 1, Epoch);
        await WriteAsync("late", 3, 1, epoch: "second");
        await PublishAsync("late", 3, "second");

        await Within.True(20, () => Task.FromResult(!delivered.IsEmpty), "the next message is delivered");
        Assert.Equal([new Position("second", 3)], delivered.Select(publication => publication.Position));
    }

    [Fact]
    public async Task What_this_node_has_acked_is_missed_though_nobody_was_shown_it()
    {
        await WriteAsync("acked", 1, 3);
        var resets = new ConcurrentQueue<CatchUp>();
        await using var feed = Feed("acked", _ => { }, resets.Enqueue);
        await feed.OpenAsync(_log.Subscriptions, CancellationToken.None);

        // Its publication did not come, and then Redis has lost it.
        feed.Stored(new Position(Epoch, 4));
        feed.Recheck();

        await Within.True(20, () => Task.FromResult(!resets.IsEmpty), "the room is told");
        Assert.Equal((false, 3L), (resets.Single().Recovered, resets.Single().Top.Offset));
        Assert.NotEqual(Epoch, resets.Single().Top.Epoch);
    }

    private LogFeed Feed(string room, Action<Publication> deliver, Action<CatchUp> reset) => new(
        room, _log.Reader, new RoomSubscriber(deliver, reset), _log.FeedServices);

    private async Task MeetAsync(LogFeed feed, string room, Fate fate, int offset)
    {
        await WriteAsync(room, offset, 1);
        switch (fate)
        {
            case Fate.Published:
                await PublishAsync(room, offset, Epoch);
                break;
            case Fate.Twice:
                await PublishAsync(room, offset, Epoch);
                await PublishAsync(room, offset, Epoch);
                break;
            case Fate.OlderAgain:
                await PublishAsync(room, Math.Max(1, offset - 3), Epoch);
                break;
            case Fate.Recheck:
                feed.Recheck();
                break;
        }
    }

    private Task<long> PublishAsync(string room, long offset, string epoch) => _log.Database.PublishAsync(
        LogKeys.Channel(room), LogHarness.Publication(room, epoch, offset, $"id{offset}"));

    private async Task WriteAsync(string room, int first, int count, string epoch = Epoch)
    {
        for (var offset = first; offset < first + count; offset++)
        {
            await _log.Database.ListRightPushAsync(LogKeys.Log(room), LogHarness.Publication(room, epoch, offset, $"id{offset}"));
        }

        await _log.Database.HashSetAsync(LogKeys.Meta(room), [new("epoch", epoch), new("offset", first + count - 1)]);
    }
}
