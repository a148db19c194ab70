using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Experiments.Strategies.Split;

/// <summary>
/// The number in one step (INCR), the publication in another (PUBLISH): as SignalR's first Redis scale-out did it, until
/// SignalR/SignalR#1676 (its nodes also kept the newest messages in memory; here nothing is kept). Two nodes between whose
/// steps the other's fall publish 8 before 7, and who keeps a position skips 7 for ever; so does a newcomer who reads the
/// counter between the two. A number whose publication failed is a hole for ever. A counter that a failover sets back gives
/// numbers that everyone believes to have (SignalR/SignalR#3091). At least a hole shows: the position is lost, and told.
/// </summary>
internal sealed class SplitBackplane(RedisCalls redis, RoomChannel channel, TimeProvider time) : IBackplane
{
    private const string Epoch = "split";

    public async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var offset = await NextAsync(message.Room, cancellationToken);
        var position = new Position(Epoch, offset);
        var publication = Publication.Encode(position, time.GetUtcNow(), message.Origin, message.Frame);
        await channel.PublishAsync(message.Room, publication, cancellationToken);
        return new Stored(position, Duplicate: false);
    }

    public Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        channel.SubscribeAsync(room, subscriber.Deliver, cancellationToken);

    public async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        var top = new Position(
            Epoch, (long)await redis.RunAsync(redis.Database.StringGetAsync(Counter(room)), cancellationToken));
        return new CatchUp(top, Recovered: after is null || after == top, []);
    }

    public Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
        Unkept.History;

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) => Unkept.Rooms;

    private async Task<long> NextAsync(string room, CancellationToken cancellationToken)
    {
        using var activity = Tracing.StartRedis(redis.Database, "INCR");
        return await redis.RunAsync(redis.Database.StringIncrementAsync(Counter(room)), cancellationToken);
    }

    private static RedisKey Counter(string room) => $"chat:{{{room}}}:counter";
}
