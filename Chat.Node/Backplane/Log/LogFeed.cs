using System.Diagnostics;
using Chat.Node.Backplane.Subscriptions;
using Chat.Protocol;

namespace Chat.Node.Backplane.Log;

/// <summary>
/// One room's publications on this node, in the order of the log and without holes: what pub/sub lost is read from the log
/// before anything later is delivered.
/// </summary>
/// <param name="doubted">Called when the subscription may have missed something, so that the log is looked at in turn; null: at once.</param>
internal sealed partial class LogFeed(
    string room, LogReader reader, RoomSubscriber subscriber, LogFeedServices services, Action<LogFeed>? doubted = null)
    : IAsyncDisposable
{
    /// <summary>An offset is missing.</summary>
    private const string Hole = "hole";

    /// <summary>An offset came twice.</summary>
    private const string Repeat = "repeat";

    /// <summary>The subscription was away, or was handed more than it could hold.</summary>
    private const string Interrupted = "interrupted";

    /// <summary>It was time.</summary>
    private const string Period = "period";

    private const string Nothing = "nothing";

    /// <summary>So many readings in a row that get no further are made at once; then the feed waits between them.</summary>
    private const int FutileMax = 2;

    private readonly NodeOptions _options = services.Options;
    private readonly ILogger<LogFeed> _logger = services.Logger;
    private readonly Lock _gate = new();
    private readonly LogCursor _cursor = new();
    private readonly List<Publication> _waiting = [];
    private readonly LogRing _ring = new(services.Memory, services.Options);
    private readonly CancellationTokenSource _stop = new();
    private IAsyncDisposable? _subscription;
    private Task _repair = Task.CompletedTask;
    private Position? _heard;
    private Position? _stored;
    private Publication? _shown;
    private string _reason = Period;
    private int _waitedBefore;
    private bool _repairing = true;
    private bool _again;
    private bool _interrupted;

    public string Room => room;

    /// <summary>Subscribes, then learns where the log stands. Publications in between wait.</summary>
    /// <exception cref="BackplaneUnavailableException">Not open: dispose it.</exception>
    public async Task OpenAsync(SubscriptionConnection connection, CancellationToken cancellationToken)
    {
        _subscription = await connection.SubscribeAsync(
            new ChannelSubscription(LogKeys.Channel(room).ToString(), Receive, NoteLost), cancellationToken);
        var read = await reader.ReadAfterAsync(room, after: null, cancellationToken);
        lock (_gate)
        {
            Restart(read);
            EndRepair();
        }
    }

    /// <summary>
    /// What came after a position, as far as it was delivered here: whoever listens since before this call gets the rest. Never waits.
    /// </summary>
    /// <returns>Null when the log has to be read.</returns>
    public CatchUp? TryRead(Position? after)
    {
        lock (_gate)
        {
            return _repairing || _interrupted || _cursor.Last is not { } top || _stop.IsCancellationRequested
                ? null
                : _ring.Read(top, after, services.Time.GetUtcNow());
        }
    }

    /// <summary>Compares the log with what was delivered.</summary>
    public void Recheck() => Recheck(Period);

    /// <summary>Reads the log if it does not end with what was delivered last.</summary>
    /// <param name="top">As it was read lately: what has been delivered since makes the log be read once in vain.</param>
    public void Recheck(LogTop top)
    {
        lock (_gate)
        {
            var reason = _interrupted ? Interrupted : Period;
            _interrupted = false;
            if (_repairing || !IsDelivered(top))
            {
                StartRepair(reason);
                return;
            }

            services.Metrics.Repaired(reason, Nothing, messages: 0);
        }
    }

    /// <summary>This node has stored a message there, and said so to its author: whether it was delivered yet or not, it is known.</summary>
    public void Stored(Position position)
    {
        lock (_gate)
        {
            if (_stored?.Epoch != position.Epoch || _stored.Offset < position.Offset)
            {
                _stored = position;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }

        Task repair;
        lock (_gate)
        {
            repair = _repair;
        }

        await repair;
        lock (_gate)
        {
            _ring.Clear();
        }

        _stop.Dispose();
    }

    private void NoteLost()
    {
        if (doubted is null)
        {
            Recheck(Interrupted);
            return;
        }

        lock (_gate)
        {
            // A reading that is under way may have begun before.
            _again |= _repairing;
            _interrupted = true;
        }

        doubted(this);
    }

    // Under the gate. The line of an entry names it: another message at the same place was stored at another time.
    private bool IsDelivered(LogTop top) => top.Top == _cursor.Last && Known(top.Top) == top.Top
        && (_shown is null || top.Newest is null || (_shown.StoredAt == top.Newest.StoredAt && _shown.Origin == top.Newest.Origin));

    private void Recheck(string reason)
    {
        lock (_gate)
        {
            StartRepair(reason);
        }
    }

    private void Receive(byte[] payload)
    {
        if (Publication.Decode(payload) is not { } publication)
        {
            LogForeign(room);
            return;
        }

        services.Metrics.Lagged(services.Time.GetUtcNow() - publication.StoredAt);
        lock (_gate)
        {
            // A repair reads ahead of pub/sub, so what comes again is no surprise; an offset that pub/sub itself gives twice is
            // the mark of a log that lost its newest messages.
            var twice = _heard is { } heard && heard.Epoch == publication.Position.Epoch && publication.Position.Offset <= heard.Offset;
            _heard = publication.Position;
            if (_repairing)
            {
                _again |= twice;
                Wait(publication);
                return;
            }

            switch (Apply(publication))
            {
                case Verdict.Repair:
                    StartRepair(Hole);
                    Wait(publication);
                    break;
                case Verdict.Drop when twice:
                    StartRepair(Repeat);
                    break;
            }
        }
    }

    private Verdict Apply(Publication publication)
    {
        var verdict = _cursor.Judge(publication.Position);
        if (verdict == Verdict.Deliver)
        {
            _shown = publication;
            _ring.Add(publication);
            subscriber.Deliver(publication);
        }

        return verdict;
    }

    private void Wait(Publication publication)
    {
        if (_waiting.Count < _options.FeedPublicationsMax)
        {
            _waiting.Add(publication);
            return;
        }

        // The log has them too: drop the copies and read once more.
        _waiting.Clear();
        (_waitedBefore, _again) = (0, true);
    }

    private void StartRepair(string reason)
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

        (_repairing, _reason) = (true, reason);
        _repair = RepairAsync();
    }

    private async Task RepairAsync()
    {
        await Task.Yield();

        // Whoever made us look does not wait for what we find.
        Activity.Current = null;
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var before = _cursor.Last!;
                if (await services.Turns.RunAsync(_ => RepairOnceAsync(before), _stop.Token))
                {
                    return;
                }

                failures = _cursor.Last == before ? failures + 1 : 0;
                if (failures > FutileMax)
                {
                    await WaitAsync(failures);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (BackplaneUnavailableException)
            {
                services.Metrics.Repaired(_reason, ErrorCode.Unavailable, messages: 0);
                await WaitAsync(failures++);
            }
#pragma warning disable CA1031 // Whatever it was: a room whose log is not read again would be deaf.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogRepairFailed(room, exception);
                await WaitAsync(failures++);
            }
        }
    }

    private async Task WaitAsync(int failures)
    {
        var delay = RetryDelay.After(failures, _options);
        LogRepairWaits(room, delay);
        await Task.Delay(delay, services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>False when there is more to read.</returns>
    private async Task<bool> RepairOnceAsync(Position last)
    {
        var startedAt = services.Time.GetUtcNow();
        Position known;
        lock (_gate)
        {
            // Before the log is read: what is stored meanwhile need not be in what is read.
            (known, _waitedBefore) = (Known(last), _waiting.Count);
        }

        var chunk = await reader.ReadOnAsync(room, last, _stop.Token);
        var lostWrites = HasLostWrites(chunk, last, known);
        using var activity = Note(chunk, lostWrites, startedAt);
        if (lostWrites)
        {
            LogLostWrites(room, known, chunk.Top);
            await reader.StartEpochAsync(room, known, proven: chunk.Top.Offset >= known.Offset, _stop.Token);
            return false;
        }

        if (chunk is { Continues: true, Whole: true })
        {
            return Merge(chunk);
        }

        // Read as a client would: that names a log for a room that has none any more.
        var newest = await reader.ReadAfterAsync(room, last, _stop.Token);
        (chunk.Continues ? (Action<string, Position, Position>)LogUnreadable : LogGap)(room, last, newest.Top);
        lock (_gate)
        {
            Restart(newest);
            subscriber.Reset(newest with { Recovered = false });
        }

        return false;
    }

    /// <summary>Counts the look at the log, and shows it in a trace if it found anything.</summary>
    private Activity? Note(LogChunk chunk, bool lostWrites, DateTimeOffset startedAt)
    {
        var result = lostWrites ? "lost_writes" : !chunk.Continues ? "gap" : !chunk.Whole ? "unreadable" : chunk.Messages.Count > 0 ? "recovered" : Nothing;
        services.Metrics.Repaired(_reason, result, chunk.Messages.Count);
        if (result == Nothing)
        {
            return null;
        }

        var activity = Tracing.StartRepair(room, services.Node.Id, _reason, startedAt);
        activity.Brought(new CatchUp(chunk.Top, chunk.Continues && !lostWrites, chunk.Messages), _options.TraceLinksMax);
        return activity?.SetTag("chat.repair.result", result);
    }

    /// <summary>The highest position that this node knows to have been in the log: delivered, or stored by itself. Under the gate.</summary>
    private Position Known(Position last) =>
        _stored is { } stored && stored.Epoch == last.Epoch && stored.Offset > last.Offset ? stored : last;

    /// <summary>Redis lost what was shown or acked: the log ends before it, or has grown back and holds something else in its place.</summary>
    private bool HasLostWrites(LogChunk chunk, Position last, Position known) => chunk.Top.Epoch == last.Epoch
        && (chunk.Top.Offset < known.Offset
            || (chunk.Continues && chunk.Anchor is { } anchor && _shown is { } shown && !anchor.Frame.Span.SequenceEqual(shown.Frame.Span)));

    private bool Merge(LogChunk chunk)
    {
        lock (_gate)
        {
            foreach (var publication in chunk.Messages)
            {
                // An entry keeps the epoch it was written in; its place counts in the log it is in now.
                Apply(publication with { Position = publication.Position with { Epoch = chunk.Top.Epoch } });
            }

            if (_again || _cursor.Last!.Offset < chunk.Top.Offset)
            {
                _again = false;
                return false;
            }

            EndRepair();
            return true;
        }
    }

    // Under the gate.
    private void Restart(CatchUp read)
    {
        _cursor.Reset(read.Top);
        _shown = read.Messages.Count > 0 ? read.Messages[^1] : null;
        _ring.Restart(read.Messages);
    }

    // Under the gate.
    private void EndRepair()
    {
        _repairing = false;
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        for (var i = 0; i < waiting.Length; i++)
        {
            if (i < _waitedBefore && waiting[i].Position.Epoch != _cursor.Last!.Epoch)
            {
                // The log was read after it came, and is another one: this belongs to one that is gone.
                continue;
            }

            if (Apply(waiting[i]) == Verdict.Repair)
            {
                StartRepair(Hole);
                _waiting.AddRange(waiting.AsSpan(i));
                return;
            }
        }

        if (_again)
        {
            _again = false;
            StartRepair(Repeat);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Room {Room}: the log no longer reaches {Last}; going on from {Top}, and the members are told")]
    private partial void LogGap(string room, Position last, Position top);

    [LoggerMessage(LogLevel.Error, "Room {Room}: the log has something after {Last} that cannot be read; going on from {Top}, and the members are told")]
    private partial void LogUnreadable(string room, Position last, Position top);

    [LoggerMessage(LogLevel.Error, "Room {Room}: its log could not be read; it is tried again")]
    private partial void LogRepairFailed(string room, Exception exception);

    [LoggerMessage(LogLevel.Error, "Room {Room}: {Last} was delivered or acked, but the log ends at {Top}: Redis has lost messages. A new epoch begins")]
    private partial void LogLostWrites(string room, Position last, Position top);

    [LoggerMessage(LogLevel.Information, "Room {Room}: the log could not be read to its end, reading it again in {Delay}")]
    private partial void LogRepairWaits(string room, TimeSpan delay);

    [LoggerMessage(LogLevel.Debug, "Room {Room}: something that is no publication came over its channel")]
    private partial void LogForeign(string room);
}
