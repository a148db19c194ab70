using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// One room's publications on this node, in the order of the log and without holes: what pub/sub lost is read from the log
/// before anything later is delivered.
/// </summary>
/// <param name="deliver">Called one at a time; must not wait.</param>
internal sealed partial class LogFeed(
    string room, LogReader reader, Action<Publication> deliver, NodeOptions options, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly LogCursor _cursor = new();
    private readonly List<Publication> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private ChannelMessageQueue? _queue;
    private Task _repair = Task.CompletedTask;
    private bool _repairing;
    private bool _again;

    /// <summary>Subscribes, then learns where the log stands. Publications in between wait.</summary>
    public async Task OpenAsync(RedisCalls redis, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _repairing = true;
        }

        _queue = await redis.RunAsync(redis.Subscriber.SubscribeAsync(LogKeys.Channel(room)), cancellationToken);
        _queue.OnMessage(Receive);
        var top = await reader.ReadAfterAsync(room, after: null, cancellationToken);
        lock (_gate)
        {
            _cursor.Reset(top.Top);
            DrainWaiting();
        }
    }

    /// <summary>Reads what the log has beyond the last delivery: after a reconnect, and now and then.</summary>
    public void Recheck()
    {
        lock (_gate)
        {
            StartRepair();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            if (_queue is not null)
            {
                await _queue.UnsubscribeAsync();
            }
        }
        catch (RedisException exception)
        {
            // The connection is gone, and the subscription with it.
            LogUnsubscribeFailed(room, exception.Message);
        }

        await _repair;
        _stop.Dispose();
    }

    private void Receive(ChannelMessage message)
    {
        if (Publication.Decode((byte[])message.Message!) is not { } publication)
        {
            LogForeign(room);
            return;
        }

        lock (_gate)
        {
            if (_repairing)
            {
                Wait(publication);
            }
            else if (!Apply(publication))
            {
                StartRepair();
                Wait(publication);
            }
        }
    }

    /// <returns>False when something before it is missing.</returns>
    private bool Apply(Publication publication)
    {
        switch (_cursor.Judge(publication.Position))
        {
            case Verdict.Deliver:
                deliver(publication);
                return true;
            case Verdict.Drop:
                return true;
            default:
                return false;
        }
    }

    private void Wait(Publication publication)
    {
        if (_waiting.Count < options.FeedPublicationsMax)
        {
            _waiting.Add(publication);
            return;
        }

        // The log has them too: drop the copies and read once more.
        _waiting.Clear();
        _again = true;
    }

    private void StartRepair()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        if (_repairing)
        {
            _again = true;
            return;
        }

        _repairing = true;
        _repair = RepairAsync();
    }

    private async Task RepairAsync()
    {
        await Task.Yield();
        var delay = options.RepairRetryMin;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var read = await reader.ReadAfterAsync(room, _cursor.Last, _stop.Token);
                if (Merge(read))
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (BackplaneUnavailableException)
            {
                LogRepairWaits(room, delay);
                await Task.Delay(delay, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, options.RepairRetryMax.Ticks));
            }
        }
    }

    /// <returns>False when more came than could wait: read again.</returns>
    private bool Merge(CatchUp read)
    {
        lock (_gate)
        {
            if (!read.Recovered)
            {
                // What is gone is gone: deliver from here, and each client sees the hole and asks for itself.
                LogGap(room, _cursor.Last, read.Top);
                _cursor.Reset(read.Top with { Offset = read.Top.Offset - read.Messages.Count });
            }

            foreach (var publication in read.Messages)
            {
                // An entry keeps the epoch it was written in; its place counts in the log it is in now.
                var placed = publication with { Position = publication.Position with { Epoch = read.Top.Epoch } };
                Apply(placed);
            }

            if (_again)
            {
                _again = false;
                return false;
            }

            DrainWaiting();
            return true;
        }
    }

    private void DrainWaiting()
    {
        _repairing = false;
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        for (var i = 0; i < waiting.Length; i++)
        {
            if (!Apply(waiting[i]))
            {
                _waiting.AddRange(waiting.AsSpan(i));
                StartRepair();
                return;
            }
        }

        if (_again)
        {
            _again = false;
            StartRepair();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Room {Room}: the log no longer reaches {Last}; going on from {Top}")]
    private partial void LogGap(string room, Position? last, Position top);

    [LoggerMessage(LogLevel.Information, "Room {Room}: Redis does not answer, reading the log again in {Delay}")]
    private partial void LogRepairWaits(string room, TimeSpan delay);

    [LoggerMessage(LogLevel.Debug, "Room {Room}: unsubscribing failed: {Reason}")]
    private partial void LogUnsubscribeFailed(string room, string reason);

    [LoggerMessage(LogLevel.Debug, "Room {Room}: something that is no publication came over its channel")]
    private partial void LogForeign(string room);
}
