using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Experiments.Strategies.Streams;

/// <summary>
/// A Redis stream for each room; every node asks again and again what is new. As Socket.IO's Redis Streams adapter, which has
/// one stream for all rooms, ids that are times, and delivers to its own members without waiting for the stream. Here ids
/// count, so that a client sees a hole, and there is one way to every member. A blink loses nothing, since a node goes on from
/// where it was. What breaks: a retry is a second message, and a stream that came back shorter is not noticed: what is written
/// now has ids that were read before. Each message waits for the next poll, and each poll costs although nothing is new.
/// </summary>
internal sealed class StreamsBackplane(
    RedisCalls redis, StreamPoller poller, IOptions<NodeOptions> options, TimeProvider time) : IBackplane
{
    private readonly NodeOptions _options = options.Value;
    private readonly RoomIndex _index = new(redis, options.Value, time);

    public async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var id = await AddAsync(message, cancellationToken);
        _index.Touch(message.Room);
        return new Stored(new Position(StreamEntries.Epoch, StreamEntries.Offset(id)), Duplicate: false);
    }

    public async Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken)
    {
        var newest = await NewestAsync(room, 1, cancellationToken);
        return poller.Follow(room, Top(newest), subscriber.Deliver);
    }

    public async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        if (after?.Epoch == StreamEntries.Epoch)
        {
            var entries = await ReadAsync(
                room, after.Offset + 1, long.MaxValue, _options.RecoveryMessagesMax + 1, Order.Ascending, cancellationToken);
            if (entries.Length is > 0 && entries.Length <= _options.RecoveryMessagesMax
                && StreamEntries.Offset(entries[0].Id) == after.Offset + 1)
            {
                return Answer(entries, recovered: true);
            }
        }

        var newest = await NewestAsync(room, _options.NewestMessages, cancellationToken);
        return after is not null && after == new Position(StreamEntries.Epoch, Top(newest))
            ? new CatchUp(after, Recovered: true, [])
            : Answer(newest, recovered: after is null);
    }

    public async Task<HistoryPage> ReadBeforeAsync(
        string room, long before, int limit, CancellationToken cancellationToken)
    {
        var older = await ReadAsync(room, 1, before - 1, limit + 1, Order.Descending, cancellationToken);
        var page = older.Take(limit).Reverse().Select(StreamEntries.Decode);
        return new HistoryPage([.. page], More: older.Length > limit);
    }

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) =>
        _index.ListAsync(cancellationToken);

    private static CatchUp Answer(StreamEntry[] entries, bool recovered) => new(
        new Position(StreamEntries.Epoch, Top(entries)), recovered, Array.ConvertAll(entries, StreamEntries.Decode));

    /// <param name="entries">Oldest first, up to the newest of the stream.</param>
    private static long Top(StreamEntry[] entries) => entries.Length == 0 ? 0 : StreamEntries.Offset(entries[^1].Id);

    /// <returns>Oldest first.</returns>
    private async Task<RedisValue> AddAsync(NewMessage message, CancellationToken cancellationToken)
    {
        using var activity = Tracing.StartRedis(redis.Database, "XADD");
        return await redis.RunAsync(
            redis.Database.StreamAddAsync(
                StreamEntries.Key(message.Room),
                StreamEntries.Encode(message, time.GetUtcNow()),
                StreamEntries.NextId,
                _options.LogMessagesMax,
                useApproximateMaxLength: true),
            cancellationToken);
    }

    private async Task<StreamEntry[]> NewestAsync(string room, int count, CancellationToken cancellationToken)
    {
        var newest = await ReadAsync(room, 1, long.MaxValue, count, Order.Descending, cancellationToken);
        Array.Reverse(newest);
        return newest;
    }

    private Task<StreamEntry[]> ReadAsync(
        string room, long from, long to, int count, Order order, CancellationToken cancellationToken) =>
        redis.RunAsync(
            redis.Database.StreamRangeAsync(
                StreamEntries.Key(room), StreamEntries.Id(from), StreamEntries.Id(to), count, order),
            cancellationToken);
}
