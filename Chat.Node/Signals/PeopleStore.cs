using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Signals;

/// <summary>Who is in a room and up to where they have read: in Redis, and published when it changes.</summary>
internal sealed class PeopleStore(RedisCalls redis, NodeIdentity node, IOptions<NodeOptions> options)
{
    // An open room is looked at once a period: what nobody looks at for so long has no members.
    private readonly long _presenceKeptMs = (long)(options.Value.RecheckPeriod * 10).TotalMilliseconds;
    private readonly long _readKeptMs = (long)options.Value.LogAgeMax.TotalMilliseconds;
    private readonly string _self = new Incarnation(node.Id, node.Incarnation).ToString();
    private readonly RedisScript _change = new("change.lua");
    private readonly RedisScript _people = new("read_people.lua");
    private readonly RedisScript _changes = new("read_changes.lua");
    private readonly RedisScript _positions = new("read_positions.lua");

    /// <summary>Writes the changes and publishes those that are ones.</summary>
    /// <exception cref="BackplaneUnavailableException">Outcome unknown: write them again, it does no harm.</exception>
    public Task WriteAsync(string room, RoomChangesBatch changes, CancellationToken cancellationToken)
    {
        RedisValue[] values =
        [
            (string)RoomKeys.Signals(room)!, _presenceKeptMs, _readKeptMs, _self,
            changes.Opened.Count, changes.Closed.Count, changes.Reads.Count, options.Value.PresenceSignalsMax,
            .. changes.Opened.SelectMany(opened => new RedisValue[] { opened.Key, opened.Value }),
            .. changes.Closed.Select(closed => (RedisValue)closed),
            .. changes.Reads.SelectMany(read => new RedisValue[] { read.Key, read.Value }),
        ];
        return redis.RunAsync(
            _change.EvaluateAsync(redis.Database, [RoomKeys.Presence(room), RoomKeys.Read(room), LogKeys.Meta(room), RoomKeys.Changes(room)], values),
            cancellationToken);
    }

    /// <summary>What has changed since a number, oldest first: of a room of many thousands, the few that came and went.</summary>
    /// <param name="life">As it was read last.</param>
    /// <returns>Null when that is not known any more, or Redis has lost some: read everything.</returns>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyList<Signal>?> ReadChangesAsync(string room, long life, long sequence, CancellationToken cancellationToken)
    {
        var reply = await redis.RunAsync(
            _changes.EvaluateAsync(
                redis.Database, [RoomKeys.Presence(room), RoomKeys.Changes(room)], [life, sequence, _presenceKeptMs]),
            cancellationToken);
        if (reply.IsNull)
        {
            return null;
        }

        var signals = new List<Signal>();
        foreach (var entry in (RedisResult[])reply!)
        {
            if (Signal.Decode((byte[])entry!) is not { } signal)
            {
                return null;
            }

            signals.Add(signal);
        }

        return signals;
    }

    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<RoomRecord> ReadAsync(string room, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.RunAsync(
            _people.EvaluateAsync(redis.Database, [RoomKeys.Presence(room)], [_presenceKeptMs]), cancellationToken))!;
        var entries = new List<PresenceEntry>(reply.Length / 2);
        for (var i = 2; i + 1 < reply.Length; i += 2)
        {
            if (PresenceEntry.Decode((string)reply[i]!, (string)reply[i + 1]!) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return new RoomRecord((long)reply[0], (long)reply[1], entries);
    }

    /// <summary>The number of each room's last change, in the order asked for; keeps what is known of them alive.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyList<long>> ReadSequencesAsync(IReadOnlyList<string> rooms, CancellationToken cancellationToken)
    {
        // Sent together, and answered together: each may live on another server.
        var kept = Task.WhenAll(rooms.Select(room => redis.Database.KeyExpireAsync(RoomKeys.Presence(room), TimeSpan.FromMilliseconds(_presenceKeptMs))));
        var sequences = Task.WhenAll(rooms.Select(room => redis.Database.HashGetAsync(RoomKeys.Presence(room), ":seq")));
        await redis.RunAsync(kept, cancellationToken);
        return Array.ConvertAll(await redis.RunAsync(sequences, cancellationToken), sequence => sequence.IsInteger ? (long)sequence : 0);
    }

    /// <summary>Everybody's read position, or in a big room those of the users named.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyDictionary<string, long>> ReadPositionsAsync(
        string room, IEnumerable<string> users, CancellationToken cancellationToken)
    {
        var reply = (RedisResult[])(await redis.RunAsync(
            _positions.EvaluateAsync(
                redis.Database,
                [RoomKeys.Read(room), LogKeys.Meta(room)],
                [options.Value.MembersListedMax, .. users.Select(user => (RedisValue)user)]),
            cancellationToken))!;
        var positions = new Dictionary<string, long>(reply.Length / 2);
        for (var i = 0; i + 1 < reply.Length; i += 2)
        {
            positions[(string)reply[i]!] = (long)reply[i + 1];
        }

        return positions;
    }

    /// <summary>Says that a user is writing. Whoever misses it misses nothing.</summary>
    public void PublishTyping(string room, string user) =>
        redis.Subscriber.Publish(RoomKeys.Signals(room), Signal.EncodeTyping(user), CommandFlags.FireAndForget);
}

/// <summary>What Redis holds of a room's presence.</summary>
/// <param name="Sequence">The number of the last change.</param>
/// <param name="Life">Another one than before: what was there is lost.</param>
internal sealed record RoomRecord(long Sequence, long Life, IReadOnlyList<PresenceEntry> Entries);
