using System.Threading.Channels;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Signals;
using Chat.Protocol;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Presence;

/// <summary>
/// Knows which nodes are alive. All leases are read at every published change, and on a slow period; in between each node looks at
/// the few that are behind it in the ring of all, once a renewal period and at the moment when one of them would run out, and tells
/// everybody when one has: a hundred nodes that each read a hundred leases a second would be ten thousand reads.
/// Whoever shows what other nodes hold listens here, and drops what a dead one held.
/// </summary>
internal sealed partial class NodeWatch : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly IConnectionMultiplexer _connection;
    private readonly SubscriptionConnection _subscriptions;
    private readonly RedisCalls _redis;
    private readonly NodeIdentity _node;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeWatch> _logger;
    private readonly LivingNodes _living;
    private Census _last = new(0, new HashSet<Incarnation>());
    private string[] _named = [];
    private long _begun;
    private long _readAt;
    private bool _doubted;
    private bool _away;

    public NodeWatch(
        IConnectionMultiplexer connection,
        SubscriptionConnection subscriptions,
        RedisCalls redis,
        NodeIdentity node,
        IOptions<NodeOptions> options,
        TimeProvider time,
        ILogger<NodeWatch> logger)
    {
        (_connection, _subscriptions) = (connection, subscriptions);
        (_redis, _node, _options, _time, _logger) = (redis, node, options.Value, time, logger);
        _living = new LivingNodes(_options.NodeLease, _options.PresenceGrace, time);
        _connection.ConnectionFailed += OnConnectionFailed;
    }

    /// <summary>Called when somebody came or went, and when somebody had a <see cref="Doubt"/>.</summary>
    public event Action<Census>? Changed;

    /// <summary>Of this number or above is what is read from now on: an entry that is newer than a census cannot be judged by it.</summary>
    public long Begun => Volatile.Read(ref _begun);

    private bool IsSettled
    {
        get
        {
            lock (_gate)
            {
                return _living.IsSettled;
            }
        }
    }

    public Census Last => Volatile.Read(ref _last);

    /// <summary>Somebody has seen a node that the last census does not know: let the next one be told, whatever it says.</summary>
    public void Doubt()
    {
        Volatile.Write(ref _doubted, true);
        Wake();
    }

    /// <summary>A census that can judge what was seen in the time of the reading named.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing is known: believe all for now.</exception>
    public async Task<Census> TakeAsync(long newerThan, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return Last.Number > newerThan ? Last : (await ReadAsync(cancellationToken)).Census;
        }
        finally
        {
            _reading.Release();
        }
    }

    public override void Dispose()
    {
        _connection.ConnectionFailed -= OnConnectionFailed;
        _reading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IAsyncDisposable? subscription = null;
        var all = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = _options.NodeLeaseRenewal;
            try
            {
                subscription ??= await _subscriptions.SubscribeAsync(
                    new ChannelSubscription(NodeLeaseCodec.Changes, _ => Wake(), Wake), stoppingToken);
                next = await LookAsync(all, stoppingToken);
                all = false;
                _away = false;
            }
            catch (BackplaneUnavailableException exception)
            {
                NoteAway(exception);
                all = true;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }

            all |= await WaitAsync(next, stoppingToken) || !IsSettled || _time.GetElapsedTime(_readAt) >= _options.RecheckPeriod;
        }

        await (subscription?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <returns>How long until it is time to look again.</returns>
    private async Task<TimeSpan> LookAsync(bool all, CancellationToken cancellationToken)
    {
        if (!all && await LookBehindAsync(cancellationToken) is { } next)
        {
            return next;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            return (await ReadAsync(cancellationToken)).Next;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <returns>Null when one of them is gone, or is another one: then all have been told, and all leases are to be read.</returns>
    private async Task<TimeSpan?> LookBehindAsync(CancellationToken cancellationToken)
    {
        var next = _options.NodeLeaseRenewal;
        var leases = await ReadLeasesAsync(Duty.Behind(_node.Id, _named, _options.NodesWatchedMax), cancellationToken);
        foreach (var (id, lease) in leases)
        {
            if (lease.Value.HasValue && NodeLeaseCodec.Decode((byte[])lease.Value!) is { } known
                && Last.Alive.Contains(new Incarnation(known.Id, known.Incarnation)))
            {
                next = lease.Expiry is { } expiry && expiry < next ? expiry : next;
                continue;
            }

            await _redis.RunAsync(_redis.Database.PublishAsync(RedisChannel.Literal(NodeLeaseCodec.Changes), id), cancellationToken);
            return null;
        }

        return next + TimeSpan.FromMilliseconds(5);
    }

    private async Task<IReadOnlyList<(string Id, RedisValueWithExpiry Lease)>> ReadLeasesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var leases = await _redis.RunAsync(
            Task.WhenAll(ids.Select(id => _redis.Database.StringGetWithExpiryAsync(NodeLeaseCodec.KeyOf(id)))), cancellationToken);
        return [.. ids.Zip(leases)];
    }

    private async Task<(Census Census, TimeSpan Next)> ReadAsync(CancellationToken cancellationToken)
    {
        var begun = Interlocked.Increment(ref _begun);
        var doubted = Interlocked.Exchange(ref _doubted, false);
        var ids = await _redis.RunAsync(_redis.Database.SetMembersAsync(NodeLeaseCodec.Index), cancellationToken);
        var leases = await ReadLeasesAsync(Array.ConvertAll(ids, id => id.ToString()), cancellationToken);
        var alive = new List<Incarnation> { new(_node.Id, _node.Incarnation) };
        var next = _options.NodeLeaseRenewal;
        foreach (var (_, lease) in leases.Where(lease => lease.Lease.Value.HasValue))
        {
            if (NodeLeaseCodec.Decode((byte[])lease.Value!) is { } known)
            {
                alive.Add(new Incarnation(known.Id, known.Incarnation));
            }

            next = lease.Expiry is { } expiry && expiry < next ? expiry : next;
        }

        _named = [.. alive.Select(node => node.Node)];
        _readAt = _time.GetTimestamp();
        foreach (var (gone, _) in leases.Where(lease => !lease.Lease.Value.HasValue && !_away && Duty.Of(lease.Id, _named) == _node.Id))
        {
            // Its node is gone. One that comes back names itself again.
            _ = _redis.Database.SetRemoveAsync(NodeLeaseCodec.Index, gone, CommandFlags.FireAndForget);
        }

        return (Conclude(begun, alive, doubted), next + TimeSpan.FromMilliseconds(5));
    }

    private Census Conclude(long begun, List<Incarnation> leases, bool doubted)
    {
        Census census;
        bool tell;
        lock (_gate)
        {
            var before = _living.Alive.ToArray();
            tell = _living.Apply(leases) || doubted;
            census = new Census(begun, _living.Alive);
            Volatile.Write(ref _last, census);
            foreach (var gone in before.Where(node => !census.Alive.Contains(node)))
            {
                LogGone(gone.Node, gone.Id);
            }
        }

        if (tell)
        {
            Changed?.Invoke(census);
        }

        return census;
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    /// <returns>Whether it was woken.</returns>
    private async Task<bool> WaitAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(period, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // A Redis that was restarted between two readings has perhaps lost every lease.
    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs args) => NoteAway();

    private void NoteAway()
    {
        lock (_gate)
        {
            _living.NoteAway();
        }
    }

    private void NoteAway(BackplaneUnavailableException exception)
    {
        NoteAway();
        if (!_away)
        {
            LogAway(exception.InnerException?.Message ?? exception.Message);
        }

        _away = true;
    }

    [LoggerMessage(LogLevel.Information, "Node {NodeId} ({Incarnation}) is gone: its lease has run out")]
    private partial void LogGone(string nodeId, string incarnation);

    [LoggerMessage(LogLevel.Warning, "The leases cannot be read, nobody is counted as gone meanwhile: {Reason}")]
    private partial void LogAway(string reason);
}

/// <summary>The nodes alive at one moment.</summary>
/// <param name="Number">Grows with every reading.</param>
internal sealed record Census(long Number, IReadOnlySet<Incarnation> Alive)
{
    /// <summary>Whether what was first seen in the time of a reading is known to belong to a dead node.</summary>
    /// <param name="seen">The newest reading that had begun when it was seen.</param>
    public bool IsDead(Incarnation node, long seen) => seen < Number && !Alive.Contains(node);
}
