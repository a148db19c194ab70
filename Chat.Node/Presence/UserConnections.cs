using System.Collections.Concurrent;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Signals;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Presence;

/// <summary>
/// Holds a user's connections to their limit, over all nodes: a set of them in Redis, in which those of dead nodes do not count.
/// With Redis away each node holds its own to it.
/// </summary>
internal sealed class UserConnections(
    RedisCalls redis, ConnectionTable table, NodeWatch watch, NodeIdentity node, IOptions<NodeOptions> options, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);

    private readonly RedisScript _admit = new("admit.lua");
    private readonly Incarnation _self = new(node.Id, node.Incarnation);
    private readonly ConcurrentQueue<(string User, string Connection)> _leftovers = new();

    /// <summary>Counts the connection; closes it when it is one too many. Never throws for Redis.</summary>
    public async Task AdmitAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (table.Of(connection.User).Length > options.Value.ConnectionsPerUserMax)
        {
            Refuse(connection);
            return;
        }

        try
        {
            var others = await TryAddAsync(connection, cancellationToken);
            if (others.Count > 0 && await ForgetDeadAsync(connection.User, others, cancellationToken))
            {
                others = await TryAddAsync(connection, cancellationToken);
            }

            if (others.Count > 0)
            {
                Refuse(connection);
            }
        }
        catch (Exception exception) when (exception is BackplaneUnavailableException or OperationCanceledException)
        {
            // A door that shuts because Redis is away would shut out everybody.
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

    private static void Refuse(Connection connection) => connection.Close(CloseCode.TooManyConnections, "too many connections");

    /// <returns>Those that are there, when they are too many for one more; empty when it was added.</returns>
    private async Task<IReadOnlyList<PresenceEntry>> TryAddAsync(Connection connection, CancellationToken cancellationToken)
    {
        // A connection outlives its token only if it is renewed, and then it is added anew.
        var kept = connection.Token.ExpiresAt - time.GetUtcNow() + options.Value.NodeLease;
        var reply = (RedisResult[])(await redis.RunAsync(
            _admit.EvaluateAsync(
                redis.Database,
                [KeyOf(connection.User)],
                [connection.Id, $"{connection.User} {_self}", options.Value.ConnectionsPerUserMax, Math.Max(1, (long)kept.TotalMilliseconds)]),
            cancellationToken))!;
        var others = new List<PresenceEntry>();
        for (var i = 0; i + 1 < reply.Length; i += 2)
        {
            if (PresenceEntry.Decode((string)reply[i]!, (string)reply[i + 1]!) is { } entry)
            {
                others.Add(entry);
            }
        }

        return others;
    }

    /// <returns>Whether there were any.</returns>
    private async Task<bool> ForgetDeadAsync(string user, IReadOnlyList<PresenceEntry> entries, CancellationToken cancellationToken)
    {
        var seen = watch.Begun;
        var census = await watch.TakeAsync(newerThan: seen, cancellationToken);
        var dead = entries.Where(entry => entry.Node == _self ? !table.Contains(entry.Connection) : census.IsDead(entry.Node, seen)).ToArray();
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
}
