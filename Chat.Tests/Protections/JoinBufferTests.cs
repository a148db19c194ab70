using Chat.Experiments.Ablations;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Presence;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Tests.Log;
using Chat.Tests.Presence.Support;
using Chat.Tests.Rooms;
using Chat.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Protections;

/// <summary>A message is written just when the log has been read for a join.</summary>
public sealed class JoinBufferTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_who_listens_before_reading_gets_what_is_written_in_between(bool buffered)
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        var log = node.Get<IBackplane>();
        IBackplane interrupted = new Interrupted(log);
        await using var rooms = new RoomDirectory(
            buffered ? interrupted : new ReadFirstLog(interrupted),
            node.Get<PresenceRooms>(),
            node.Get<NodeIdentity>(),
            node.Get<NodeMetrics>(),
            node.Get<IOptions<NodeOptions>>(),
            TimeProvider.System,
            NullLogger<RoomDirectory>.Instance);
        var heard = new HeardSink();
        var queue = new OutboundQueue(heard, int.MaxValue);
        var loop = node.Get<NodeLoops>().All[0];

        await loop.RunAsync(() => rooms.JoinAsync(
            new JoinRequest("lobby", "c1", "bob", After: null, Traced: false, queue, loop, () => Assert.Fail("The queue is not full")),
            CancellationToken.None));
        await log.PublishAsync(LogHarness.Message("lobby", "ada", "after"), CancellationToken.None);

        await Within.True(20, () => Task.FromResult(heard.Text.Contains("after", StringComparison.Ordinal)), "the next message comes");
        Assert.Equal(buffered, heard.Text.Contains("between", StringComparison.Ordinal));
    }

    /// <summary>The real log, and somebody who writes in it after every reading.</summary>
    private sealed class Interrupted(IBackplane log) : IBackplane
    {
        public async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
        {
            var read = await log.ReadAfterAsync(room, after, cancellationToken);
            await log.PublishAsync(LogHarness.Message(room, "ada", "between"), cancellationToken);
            return read;
        }

        public Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) =>
            log.PublishAsync(message, cancellationToken);

        public Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
            log.SubscribeAsync(room, subscriber, cancellationToken);

        public Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
            log.ReadBeforeAsync(room, before, limit, cancellationToken);

        public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) => log.ListRoomsAsync(cancellationToken);
    }
}
