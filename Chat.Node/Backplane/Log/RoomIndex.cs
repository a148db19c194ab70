using System.Collections.Concurrent;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>The rooms that have something to read, for those who look for one.</summary>
internal sealed class RoomIndex(RedisCalls redis, NodeOptions options, TimeProvider time)
{
    private static readonly TimeSpan TouchPeriod = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _touched = new();

    /// <summary>Notes that the room was written in; at most once a minute for each room. Failing costs a name in a list, no message.</summary>
    public async ValueTask TouchAsync(string room, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if ((_touched.TryGetValue(room, out var last) && now - last < TouchPeriod)
            || RoomName.TryGetDirectUsers(room, out _, out _))
        {
            return;
        }

        if (_touched.Count >= options.RoomsListedMax)
        {
            _touched.Clear();
        }

        _touched[room] = now;
        try
        {
            await redis.RunAsync(
                redis.Database.SortedSetAddAsync(LogKeys.Rooms, room, now.ToUnixTimeMilliseconds()), cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            _touched.TryRemove(room, out _);
        }
    }

    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var expired = (time.GetUtcNow() - options.LogAgeMax).ToUnixTimeMilliseconds();
        await redis.RunAsync(
            redis.Database.SortedSetRemoveRangeByScoreAsync(LogKeys.Rooms, double.NegativeInfinity, expired),
            cancellationToken);
        var names = await redis.RunAsync(
            redis.Database.SortedSetRangeByRankAsync(LogKeys.Rooms, 0, options.RoomsListedMax - 1, Order.Descending),
            cancellationToken);
        return Array.ConvertAll(names, name => (string)name!);
    }
}
