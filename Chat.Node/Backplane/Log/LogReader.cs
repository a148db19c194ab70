using System.Security.Cryptography;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>Reads a room's log forwards.</summary>
internal sealed class LogReader(RedisCalls redis, NodeOptions options)
{
    private readonly RedisScript _readAfter = new("read_after.lua");

    /// <summary>A name no log had before: 60 random bits.</summary>
    public static string NewEpoch() => RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 12);

    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.RunAsync(
            _readAfter.EvaluateAsync(
                redis.Database,
                [LogKeys.Meta(room), LogKeys.Log(room)],
                [
                    after?.Epoch ?? "",
                    after?.Offset ?? 0,
                    options.RecoveryMessagesMax,
                    options.NewestMessages,
                    NewEpoch(),
                    (long)options.LogAgeMax.TotalMilliseconds,
                ]),
            cancellationToken))!;

        return new CatchUp(
            new Position((string)reply[0]!, (long)reply[1]),
            Recovered: (int)reply[2] == 1,
            Decode(reply.AsSpan(3)));
    }

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
}
