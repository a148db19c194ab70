using Chat.Node.Admission;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// The strategy that holds: a log per room in Redis, written and published in one step, and read wherever the
/// publications have a hole. As Centrifugo and Nchan do it.
/// </summary>
internal sealed class LogBackplane : IBackplane
{
    private readonly RedisCalls _redis;
    private readonly LogReader _reader;
    private readonly LogFeeds _feeds;
    private readonly Pressure _pressure;
    private readonly NodeMetrics _metrics;
    private readonly NodeOptions _options;
    private readonly RecoveryMemory _recovery;
    private readonly RoomIndex _index;
    private readonly RedisScript _append = new("append.lua");
    private readonly RedisScript _readBefore = new("read_before.lua");

    public LogBackplane(
        RedisCalls redis, IOptions<NodeOptions> options, LogReader reader, LogFeeds feeds, Pressure pressure, NodeMetrics metrics, FeedMemory memory, TimeProvider time)
    {
        (_redis, _options, _reader, _feeds, _pressure, _metrics) = (redis, options.Value, reader, feeds, pressure, metrics);
        _recovery = new RecoveryMemory(_options.RecoveryBytesInFlightMax, _options.RedisDeadline, time);
        _index = new RoomIndex(redis, _options, time);
        metrics.ObserveMemory(() => _recovery.Bytes, () => memory.Bytes);
    }

    public async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        RefuseIfShed(Load.Sends);
        var reply = (RedisResult[])(await _redis.RunAsync(
            _append.EvaluateAsync(
                _redis.Database,
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
        var stored = new Stored(new Position((string)reply[0]!, (long)reply[1]), Duplicate: (int)reply[2] == 1);
        if (!stored.Duplicate)
        {
            _feeds.Stored(message.Room, stored.Position);
        }

        return stored;
    }

    public Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        _feeds.OpenAsync(room, subscriber, cancellationToken);

    public async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        RefuseIfShed(Load.Joins);
        if (_feeds.TryRead(room, after) is { } known)
        {
            _metrics.CaughtUp("memory");
            return known;
        }

        _metrics.CaughtUp("log");
        return await _recovery.RunAsync(
            after is null ? PageBytesMax : _options.RecoveryBytesMax, () => _reader.ReadAfterAsync(room, after, cancellationToken), cancellationToken);
    }

    public async Task<HistoryPage> ReadBeforeAsync(
        string room, long before, int limit, CancellationToken cancellationToken)
    {
        RefuseIfShed(Load.History);
        var reply = (RedisResult[])(await _recovery.RunAsync(
            PageBytesMax,
            () => _redis.RunAsync(_readBefore.EvaluateAsync(_redis.Database, [LogKeys.Log(room)], [before, limit]), cancellationToken),
            cancellationToken))!;
        return new HistoryPage(LogReader.Decode(reply.AsSpan(1)), More: (int)reply[0] == 1);
    }

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) =>
        _index.ListAsync(cancellationToken);

    /// <summary>What a page may bring: its messages with what stands around their texts, which JSON may write with two bytes for one.</summary>
    private long PageBytesMax => (long)_options.NewestMessages * 2 * _options.TextBytesMax;

    private void RefuseIfShed(Load load)
    {
        if (_pressure.Sheds(load))
        {
            _metrics.Shed(load.ToString().ToLowerInvariant());
            throw new BackplaneUnavailableException("This node has too much to do.");
        }
    }
}
