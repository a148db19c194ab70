using System.Collections.Concurrent;
using System.Globalization;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Control;
using Chat.Node.Signals;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Presence;

/// <summary>
/// Holds a user's connections to their limit, over all nodes: a set of them in Redis, in which those of dead nodes do not count.
/// One too many takes the place of the oldest: that may be a socket whose network is gone, and nobody is to be locked out by those.
/// With Redis away each node holds its own to it.
/// </summary>
internal sealed partial class UserConnections(
    RedisCalls redis,
    ConnectionTable table,
    NodeWatch watch,
    NodeIdentity node,
    IOptions<NodeOptions> options,
    TimeProvider time,
    ILogger<UserConnections> logger)
    : BackgroundService
{
    /// <summary>How often a connection tries to get a place that others want as well.</summary>
    private const int TriesMax = 5;

    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    private readonly RedisScript _admit = new("admit.lua");
    private readonly Incarnation _self = new(node.Id, node.Incarnation);
    private readonly ConcurrentQueue<(string User, string Connection)> _leftovers = new();

    /// <summary>Counts the connection; closes the user's oldest when it is one too many. Never throws for Redis.</summary>
    public async Task AdmitAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (table.Count > options.Value.ConnectionsMax)
        {
            connection.Close(CloseCode.GoingAway, "this node is full");
            return;
        }

        // Whatever Redis says, and also while it is away.
        foreach (var oldest in Open(connection.User).OrderByDescending(own => own.OpenedAt).Skip(options.Value.ConnectionsPerUserMax))
        {
            Evict(oldest);
        }

        try
        {
            for (var tries = 0; tries < TriesMax; tries++)
            {
                if (connection.IsClosing)
                {
                    return;
                }

                var others = await TryAddAsync(connection, cancellationToken);
                if (others.Count == 0)
                {
                    return;
                }

                if (!await ForgetDeadAsync(connection.User, others, cancellationToken))
                {
                    await MakeRoomAsync(connection.User, others.MinBy(other => other.OpenedAtMs)!, cancellationToken);
                }
            }

            // Many come at once: the time for this one is a little later.
            connection.Close(CloseCode.GoingAway, "too many connections at once");
        }
        catch (Exception exception) when (exception is BackplaneUnavailableException or OperationCanceledException)
        {
            // A door that shuts because Redis is away would shut out everybody.
        }
    }

    /// <summary>Another node needs the place of this connection.</summary>
    public void Apply(EvictMessage evict)
    {
        if (Open(evict.User).FirstOrDefault(own => own.Id == evict.Connection) is { } evicted)
        {
            Evict(evicted);
        }
    }

    /// <summary>It is closed.</summary>
    /// <param name="admission">What <see cref="AdmitAsync"/> returned for it: it may still be under way.</param>
    public async Task RemoveAsync(Connection connection, Task admission)
    {
        await admission.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!await TryForgetAsync(connection.User, connection.Id))
        {
            Keep(connection.User, connection.Id);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RetryPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            while (_leftovers.TryDequeue(out var leftover))
            {
                if (!await TryForgetAsync(leftover.User, leftover.Connection))
                {
                    _leftovers.Enqueue(leftover);
                    break;
                }
            }
        }
    }

    // Beyond the limit an entry goes with its expiry, or with this node's lease.
    private void Keep(string user, string connection)
    {
        if (_leftovers.Count < options.Value.LeftoversMax)
        {
            _leftovers.Enqueue((user, connection));
        }
    }

    private static RedisKey KeyOf(string user) => $"chat:user:{{{user}}}:connections";

    private IEnumerable<Connection> Open(string user) => table.Of(user).Where(own => !own.IsClosing);

    private void Evict(Connection connection)
    {
        LogEvicted(connection.Id, connection.User, options.Value.ConnectionsPerUserMax);
        connection.Close(CloseCode.TooManyConnections, "too many connections: a newer one has taken the place");
    }

    private async Task MakeRoomAsync(string user, Counted oldest, CancellationToken cancellationToken)
    {
        // Of several nodes that want the place, the one tells it that has made it free.
        if (await redis.RunAsync(redis.Database.HashDeleteAsync(KeyOf(user), oldest.Entry.Connection), cancellationToken))
        {
            var evict = ControlMessage.Encode(new EvictMessage(user, oldest.Entry.Connection));
            await redis.RunAsync(redis.Subscriber.PublishAsync(RedisChannel.Literal(ControlChannel.Name), evict), cancellationToken);
        }
    }

    /// <returns>Those that are there, when they are too many for one more; empty when it was added.</returns>
    private async Task<IReadOnlyList<Counted>> TryAddAsync(Connection connection, CancellationToken cancellationToken)
    {
        // A connection outlives its token only if it is renewed, and then it is added anew.
        var kept = connection.Token.ExpiresAt - time.GetUtcNow() + options.Value.NodeLease;
        var reply = (RedisResult[])(await redis.RunAsync(
            _admit.EvaluateAsync(
                redis.Database,
                [KeyOf(connection.User)],
                [connection.Id, $"{connection.User} {_self} {connection.OpenedAt.ToUnixTimeMilliseconds()}", options.Value.ConnectionsPerUserMax, Math.Max(1, (long)kept.TotalMilliseconds)]),
            cancellationToken))!;
        var others = new List<Counted>();
        for (var i = 0; i + 1 < reply.Length; i += 2)
        {
            if (Counted.Decode((string)reply[i]!, (string)reply[i + 1]!) is { } counted)
            {
                others.Add(counted);
            }
        }

        return others;
    }

    /// <returns>Whether there were any.</returns>
    private async Task<bool> ForgetDeadAsync(string user, IReadOnlyList<Counted> entries, CancellationToken cancellationToken)
    {
        var seen = watch.Begun;
        var census = await watch.TakeAsync(newerThan: seen, cancellationToken);
        var dead = entries.Select(counted => counted.Entry)
            .Where(entry => entry.Node == _self ? !table.Contains(entry.Connection) : census.IsDead(entry.Node, seen)).ToArray();
        if (dead.Length > 0)
        {
            RedisValue[] fields = [.. dead.Select(entry => (RedisValue)entry.Connection)];
            await redis.RunAsync(redis.Database.HashDeleteAsync(KeyOf(user), fields), cancellationToken);
        }

        return dead.Length > 0;
    }

    private async Task<bool> TryForgetAsync(string user, string connection)
    {
        try
        {
            await redis.RunAsync(redis.Database.HashDeleteAsync(KeyOf(user), connection), CancellationToken.None);
            return true;
        }
        catch (BackplaneUnavailableException)
        {
            return false;
        }
    }

    /// <param name="OpenedAtMs">Unix time by its node's clock; 0 where its node did not say.</param>
    private sealed record Counted(PresenceEntry Entry, long OpenedAtMs)
    {
        /// <returns>Null when the value was not written by us.</returns>
        public static Counted? Decode(string connection, string value)
        {
            var at = value.LastIndexOf(' ');
            return PresenceEntry.Decode(connection, value) is { } entry ? new Counted(entry, 0)
                : at > 0 && long.TryParse(value.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var openedAt)
                    && PresenceEntry.Decode(connection, value[..at]) is { } timed ? new Counted(timed, openedAt)
                : null;
        }
    }

    [LoggerMessage(LogLevel.Information, "Connection {ConnectionId} of {User} gives way to a newer one: {ConnectionsMax} are the most")]
    private partial void LogEvicted(string connectionId, string user, int connectionsMax);
}
