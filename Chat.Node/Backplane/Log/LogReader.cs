using Chat.Protocol;
using Chat.Protocol.Frames;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <param name="Top">The log's newest position at the moment of reading.</param>
/// <param name="Continues">False: the log does not reach the position asked for, or is another one; the messages are the newest.</param>
/// <param name="Anchor">What the log has at the very position asked for; null when it does not reach that far back.</param>
/// <param name="Whole">False: between the messages there is something that cannot be read.</param>
/// <param name="Messages">Oldest first; where it continues, the next ones, and more of them may follow up to <paramref name="Top"/>.</param>
internal sealed record LogChunk(Position Top, bool Continues, Publication? Anchor, bool Whole, IReadOnlyList<Publication> Messages);

/// <param name="Top">The log's newest position; without an epoch there is no log.</param>
/// <param name="Newest">The entry there, without its frame; null when there is none, or it cannot be read.</param>
internal sealed record LogTop(Position Top, Publication? Newest);

/// <summary>Reads a room's log forwards, for clients and for the node itself.</summary>
internal sealed class LogReader(RedisCalls redis, NodeOptions options)
{
    /// <summary>What no log is called: whoever names no log has been in none of ours.</summary>
    private const string NoEpoch = "-";

    private readonly long _emptyKeptMs = (long)options.EmptyRoomMemory.TotalMilliseconds;
    private readonly RedisScript _readAfter = new("read_after.lua");
    private readonly RedisScript _readChunk = new("read_chunk.lua");
    private readonly RedisScript _readTops = new("read_tops.lua");
    private readonly RedisScript _newEpoch = new("new_epoch.lua");

    /// <summary>A name no log had before: 60 random bits. No secret, and one is offered with every message: the quick generator is random enough.</summary>
    public static string NewEpoch() => Random.Shared.GetString("0123456789abcdefghjkmnpqrstvwxyz", 12);

    /// <summary>Everything after a position or plainly not: what a client gets. Gives a room that has no log one.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(
            _readAfter,
            room,
            [
                after is null ? "" : after.Epoch.Length == 0 ? NoEpoch : after.Epoch,
                after?.Offset ?? 0,
                options.RecoveryMessagesMax,
                options.NewestMessages,
                NewEpoch(),
                _emptyKeptMs,
                options.RecoveryBytesMax,
                after?.Id is null ? "0" : "1",
            ],
            cancellationToken);
        if (after?.Id is { } id && Publication.Decode((byte[])reply[3]!) is { } anchor && IdOf(anchor) != id)
        {
            // Redis has lost what this client was shown, and something else was written in its place, where no node was looking.
            return (await ReadAfterAsync(room, after: null, cancellationToken)) with { Recovered = false };
        }

        var messages = DecodeNewest(reply.AsSpan(4), out var whole);
        return new CatchUp(TopOf(reply), Recovered: (int)reply[2] == 1 && (whole || after is null), messages);
    }

    /// <summary>The next part of the log: what a node reads that has a hole, however large, as long as the log has it.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<LogChunk> ReadOnAsync(string room, Position after, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(
            _readChunk, room, [after.Epoch, after.Offset, options.RecoveryMessagesMax, options.NewestMessages], cancellationToken);
        var entries = reply.AsSpan(4);
        var messages = Decode(entries);
        return new LogChunk(
            TopOf(reply), Continues: (int)reply[2] == 1, Publication.Decode((byte[])reply[3]!), Whole: messages.Count == entries.Length, messages);
    }

    /// <summary>Where many logs end, in the order in which they were asked for: on one server, in one call.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyList<LogTop>> ReadTopsAsync(IReadOnlyList<string> rooms, CancellationToken cancellationToken)
    {
        // On a cluster each slot is asked by itself, elsewhere all have the same: none.
        var tops = new LogTop[rooms.Count];
        await Task.WhenAll(Enumerable.Range(0, rooms.Count)
            .GroupBy(index => redis.Database.Multiplexer.HashSlot(LogKeys.Meta(rooms[index])))
            .Select(async slot =>
            {
                int[] indexes = [.. slot];
                RedisKey[] keys = [.. indexes.SelectMany(index => new[] { LogKeys.Meta(rooms[index]), LogKeys.Log(rooms[index]) })];
                var reply = (RedisResult[])(await redis.RunAsync(_readTops.EvaluateAsync(redis.Database, keys, [_emptyKeptMs]), cancellationToken))!;
                for (var i = 0; i < indexes.Length; i++)
                {
                    var part = reply.AsSpan(i * 3, 3);
                    tops[indexes[i]] = new LogTop(TopOf(part), Publication.Decode((byte[])part[2]!));
                }
            }));
        return tops;
    }

    /// <summary>Renames a log that has lost messages which were shown already, unless another node has done so.</summary>
    /// <param name="shown">The last position that was shown from it.</param>
    /// <param name="proven">The log has something else at that position: it has grown back since.</param>
    /// <exception cref="BackplaneUnavailableException">Outcome unknown: a retry is safe.</exception>
    public Task StartEpochAsync(string room, Position shown, bool proven, CancellationToken cancellationToken) =>
        RunAsync(_newEpoch, room, [shown.Epoch, shown.Offset, NewEpoch(), proven ? "1" : "0"], cancellationToken);

    private static string? IdOf(Publication publication) => (FrameCodec.DecodeServer(publication.Frame.Span, out _) as MessageFrame)?.Id;

    /// <summary>Entries of a log. What is no publication was not written by us, and is left out.</summary>
    public static List<Publication> Decode(ReadOnlySpan<RedisResult> entries)
    {
        var publications = new List<Publication>(entries.Length);
        foreach (var entry in entries)
        {
            if (Publication.Decode((byte[])entry!) is { } publication)
            {
                publications.Add(publication);
            }
        }

        return publications;
    }

    /// <summary>Entries of a log up to its top, from behind the last that cannot be read.</summary>
    /// <param name="whole">False when there is one.</param>
    private static List<Publication> DecodeNewest(ReadOnlySpan<RedisResult> entries, out bool whole)
    {
        var publications = new List<Publication>(entries.Length);
        whole = true;
        foreach (var entry in entries)
        {
            if (Publication.Decode((byte[])entry!) is { } publication)
            {
                publications.Add(publication);
            }
            else
            {
                publications.Clear();
                whole = false;
            }
        }

        return publications;
    }

    private static Position TopOf(ReadOnlySpan<RedisResult> reply) => new((string)reply[0]!, (long)reply[1]);

    private async Task<RedisResult[]> RunAsync(
        RedisScript script, string room, RedisValue[] values, CancellationToken cancellationToken) =>
        (RedisResult[])(await redis.RunAsync(
            script.EvaluateAsync(redis.Database, [LogKeys.Meta(room), LogKeys.Log(room)], values), cancellationToken))!;
}
