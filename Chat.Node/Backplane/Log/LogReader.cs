using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <param name="Top">The log's newest position at the moment of reading.</param>
/// <param name="Continues">False: the log does not reach the position asked for, or is another one; the messages are the newest.</param>
/// <param name="Anchor">What the log has at the very position asked for; null when it does not reach that far back.</param>
/// <param name="Messages">Oldest first; where it continues, the next ones, and more of them may follow up to <paramref name="Top"/>.</param>
internal sealed record LogChunk(Position Top, bool Continues, Publication? Anchor, IReadOnlyList<Publication> Messages);

/// <summary>Reads a room's log forwards, for clients and for the node itself.</summary>
internal sealed class LogReader(RedisCalls redis, NodeOptions options)
{
    private readonly RedisScript _readAfter = new("read_after.lua");
    private readonly RedisScript _readChunk = new("read_chunk.lua");
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
                after?.Epoch ?? "",
                after?.Offset ?? 0,
                options.RecoveryMessagesMax,
                options.NewestMessages,
                NewEpoch(),
                (long)options.LogAgeMax.TotalMilliseconds,
                options.RecoveryBytesMax,
            ],
            cancellationToken);
        return new CatchUp(TopOf(reply), Recovered: (int)reply[2] == 1, Decode(reply.AsSpan(3)));
    }

    /// <summary>The next part of the log: what a node reads that has a hole, however large, as long as the log has it.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<LogChunk> ReadOnAsync(string room, Position after, CancellationToken cancellationToken)
    {
        var reply = await RunAsync(
            _readChunk, room, [after.Epoch, after.Offset, options.RecoveryMessagesMax, options.NewestMessages], cancellationToken);
        return new LogChunk(
            TopOf(reply), Continues: (int)reply[2] == 1, Publication.Decode((byte[])reply[3]!), Decode(reply.AsSpan(4)));
    }

    /// <summary>Renames a log that has lost messages which were shown already, unless another node has done so.</summary>
    /// <param name="shown">The last position that was shown from it.</param>
    /// <param name="proven">The log has something else at that position: it has grown back since.</param>
    /// <exception cref="BackplaneUnavailableException">Outcome unknown: a retry is safe.</exception>
    public Task StartEpochAsync(string room, Position shown, bool proven, CancellationToken cancellationToken) =>
        RunAsync(_newEpoch, room, [shown.Epoch, shown.Offset, NewEpoch(), proven ? "1" : "0"], cancellationToken);

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

    private static Position TopOf(RedisResult[] reply) => new((string)reply[0]!, (long)reply[1]);

    private async Task<RedisResult[]> RunAsync(
        RedisScript script, string room, RedisValue[] values, CancellationToken cancellationToken) =>
        (RedisResult[])(await redis.RunAsync(
            script.EvaluateAsync(redis.Database, [LogKeys.Meta(room), LogKeys.Log(room)], values), cancellationToken))!;
}
