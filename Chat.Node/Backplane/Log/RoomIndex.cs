using System.Diagnostics;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// The rooms that have something to read, for those who look for one. No message waits for it: names are written afterwards, many
/// at once, and one that cannot be written comes with a later message. Safe to call from any thread.
/// </summary>
internal sealed class RoomIndex(RedisCalls redis, NodeOptions options, TimeProvider time)
{
    private static readonly TimeSpan TouchPeriod = TimeSpan.FromMinutes(1);

    /// <summary>Names remembered as written lately, to the length of the list: beyond it half of them, those not seen for longest, are forgotten.</summary>
    private const int RememberedPerListed = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _due = [];
    private Dictionary<string, DateTimeOffset> _recent = [];
    private Dictionary<string, DateTimeOffset> _earlier = [];
    private bool _isWriting;

    /// <summary>Notes that the room was written in; at most once a minute for each room. Never waits.</summary>
    public void Touch(string room)
    {
        if (RoomName.TryGetDirectUsers(room, out _, out _))
        {
            return;
        }

        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (IsRecent(room, now) || _due.Count >= options.RoomsListedMax)
            {
                return;
            }

            if (_recent.Count >= options.RoomsListedMax * RememberedPerListed / 2)
            {
                (_earlier, _recent) = (_recent, []);
            }

            _recent[room] = now;
            _due[room] = now.ToUnixTimeMilliseconds();
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WriteAsync);
            }
        }
    }

    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var expired = (time.GetUtcNow() - options.LogAgeMax).ToUnixTimeMilliseconds();
        var names = await redis.RunAsync(
            redis.Database.SortedSetRangeByScoreAsync(
                LogKeys.Rooms, expired, order: Order.Descending, take: options.RoomsListedMax),
            cancellationToken);
        return Array.ConvertAll(names, name => (string)name!);
    }

    private bool IsRecent(string room, DateTimeOffset now) =>
        (_recent.TryGetValue(room, out var at) || _earlier.TryGetValue(room, out at)) && now - at < TouchPeriod;

    private async Task WriteAsync()
    {
        Activity.Current = null;
        while (Take() is { Length: > 0 } due)
        {
            try
            {
                await redis.RunAsync(redis.Database.SortedSetAddAsync(LogKeys.Rooms, due), CancellationToken.None);

                // Those that nobody would be shown any more.
                await redis.RunAsync(
                    redis.Database.SortedSetRemoveRangeByRankAsync(LogKeys.Rooms, 0, -options.RoomsListedMax - 1), CancellationToken.None);
            }
#pragma warning disable CA1031 // Whatever it was, the node's end included: it cost names in a list, which come again.
            catch (Exception)
#pragma warning restore CA1031
            {
                Forget(due);
            }
        }
    }

    private SortedSetEntry[] Take()
    {
        lock (_gate)
        {
            SortedSetEntry[] due = [.. _due.Select(room => new SortedSetEntry(room.Key, room.Value))];
            _due.Clear();
            _isWriting = due.Length > 0;
            return due;
        }
    }

    private void Forget(SortedSetEntry[] rooms)
    {
        lock (_gate)
        {
            foreach (var room in rooms)
            {
                _recent.Remove(room.Element.ToString());
                _earlier.Remove(room.Element.ToString());
            }
        }
    }
}
