using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// The strategy that holds: a log per room in Redis, written and published in one step, and read wherever the
/// publications have a hole. As Centrifugo and Nchan do it.
/// </summary>
internal sealed class LogBackplane(RedisCalls redis, IOptions<NodeOptions> options, LogReader reader, LogFeeds feeds, TimeProvider time)
    : IBackplane
{
    private readonly NodeOptions _options = options.Value;
    private readonly RedisScript _append = new("append.lua");
    private readonly RedisScript _readBefore = new("read_before.lua");
    private readonly RoomIndex _index = new(redis, options.Value, time);

    public async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.RunAsync(
            _append.EvaluateAsync(
                redis.Database,
                [
                    LogKeys.Meta(message.Room),
                    LogKeys.Log(message.Room),
                    LogKeys.Id(message.Room, message.IdempotencyKey),
                ],
                [
                    (string)LogKeys.Channel(message.Room)!,
                    message.Frame.Prefix,
                    message.Frame.Suffix,
                    Publication.EncodeOrigin(message.Origin),
                    LogReader.NewEpoch(),
                    _options.LogMessagesMax,
                    (long)_options.IdMemory.TotalMilliseconds,
                    (long)_options.LogAgeMax.TotalMilliseconds,
                ]),
            cancellationToken))!;

        _index.Touch(message.Room);
        return new Stored(new Position((string)reply[0]!, (long)reply[1]), Duplicate: (int)reply[2] == 1);
    }

    public Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        feeds.OpenAsync(room, subscriber, cancellationToken);

    public Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken) =>
        reader.ReadAfterAsync(room, after, cancellationToken);

    public async Task<HistoryPage> ReadBeforeAsync(
        string room, long before, int limit, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.RunAsync(
            _readBefore.EvaluateAsync(redis.Database, [LogKeys.Log(room)], [before, limit]),
            cancellationToken))!;
        return new HistoryPage(LogReader.Decode(reply.AsSpan(1)), More: (int)reply[0] == 1);
    }

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) =>
        _index.ListAsync(cancellationToken);
}
