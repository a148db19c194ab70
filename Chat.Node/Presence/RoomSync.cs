using Chat.Node.Backplane;
using Chat.Node.Signals;

namespace Chat.Node.Presence;

/// <summary>
/// Keeps a room's people in step with Redis: applies signals in the order of their numbers, and reads everything anew where one
/// is missing. Safe to call from any thread.
/// </summary>
internal sealed partial class RoomSync : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly string _room;
    private readonly PresenceServices _services;
    private readonly NodeOptions _options;
    private readonly ILogger _logger;
    private readonly RoomPresence _presence;
    private readonly SignalChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Signal> _waiting = [];
    private readonly ITimer _later;
    private long _sequence;
    private long _heard;
    private long _life;
    private bool _forgetful;
    private bool _subscribed;
    private bool _reading;
    private bool _again;
    private bool _readBefore;

    /// <summary>How often the numbers were found not to tell what has changed, and how many of those a reading of everything has answered.</summary>
    private int _doubts;
    private int _doubtsMet;
    private Task _read = Task.CompletedTask;

    /// <param name="doubted">Called when signals may have been lost.</param>
    public RoomSync(string room, PresenceServices services, RoomPresence presence, Action doubted)
    {
        (_room, _services, _options, _presence) = (room, services, services.Options.Value, presence);
        _logger = services.Logger;
        _later = services.Time.CreateTimer(_ => RememberAgain(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _channel = new SignalChannel(room, services.Subscriptions, Receive, () => NoteLost(doubted));
    }

    /// <returns>Ends when the first reading has ended, well or not.</returns>
    public Task OpenAsync()
    {
        lock (_gate)
        {
            StartReading();
        }

        return _tried.Task;
    }

    /// <summary>Reads everything anew, whatever the number of the last change is.</summary>
    public void Reread()
    {
        lock (_gate)
        {
            _doubts++;
            StartReading();
        }
    }

    /// <inheritdoc cref="RoomPresence.Recheck"/>
    public void Recheck(long sequence)
    {
        lock (_gate)
        {
            if (!_reading && sequence != _sequence)
            {
                StartReading();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _later.DisposeAsync();
        await _read;
        await _channel.DisposeAsync();
    }

    private void NoteLost(Action doubted)
    {
        lock (_gate)
        {
            // A reading that is under way may have begun before.
            _again |= _reading;
        }

        doubted();
    }

    private void RememberAgain()
    {
        lock (_gate)
        {
            _forgetful = false;
            _doubts++;
            StartReading();
        }
    }

    private void Receive(Signal signal)
    {
        _presence.ApplyTyping(signal.Typing);
        lock (_gate)
        {
            if (signal.Sequence == 0)
            {
                return;
            }

            // A reading runs ahead of the signals, so what was read already is no surprise; a number that is published twice is the
            // mark of a Redis that lost its newest changes.
            var twice = signal.Sequence <= _heard;
            _heard = signal.Sequence;
            if (twice)
            {
                // What was changed since cannot be told by numbers.
                _doubts++;
                StartReading();
            }

            if (_reading)
            {
                Wait(signal);
            }
            else if (signal.Sequence == _sequence + 1)
            {
                Apply(signal);
            }
            else if (signal.Sequence > _sequence)
            {
                StartReading();
                Wait(signal);
            }
        }
    }

    private void Apply(Signal signal)
    {
        _sequence = signal.Sequence;
        _presence.Apply(signal);
    }

    private void Wait(Signal signal)
    {
        if (_waiting.Count < _options.FeedPublicationsMax)
        {
            _waiting.Add(signal);
            return;
        }

        _waiting.Clear();
        _again = true;
    }

    private void StartReading()
    {
        if (_reading)
        {
            _again = true;
        }
        else if (!_stop.IsCancellationRequested)
        {
            _reading = true;
            _read = ReadAsync();
        }
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                // Those who join wait for the first reading: it does not wait for those of other rooms.
                if (await (_readBefore ? _services.Turns.RunAsync(TryReadAsync, _stop.Token) : TryReadAsync(_stop.Token)))
                {
                    break;
                }
            }
            catch (BackplaneUnavailableException exception)
            {
                LogWaits(_room, exception.InnerException?.Message ?? exception.Message);
                await WaitAsync(failures++);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever it was: those who join do not wait for it, and it is tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(_room, exception);
                await WaitAsync(failures++);
            }
        }

        _tried.TrySetResult();
    }

    private async Task WaitAsync(int failures)
    {
        _tried.TrySetResult();
        await Task.Delay(RetryDelay.After(failures, _options), _services.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>False when more has happened meanwhile than could wait: read again.</returns>
    private async Task<bool> TryReadAsync(CancellationToken cancellationToken)
    {
        if (!_subscribed)
        {
            await _channel.OpenAsync(cancellationToken);
            _subscribed = true;
        }

        var (life, sequence, doubts, everything) = Known();
        if (!everything && await _services.Store.ReadChangesAsync(_room, life, sequence, cancellationToken) is { } changes)
        {
            return Merge(changes);
        }

        var seen = _services.Watch.Begun;
        var record = await _services.Store.ReadAsync(_room, cancellationToken);
        var census = _services.Watch.Last;
        if (record.Entries.Any(entry => !census.Alive.Contains(entry.Node)))
        {
            // Left behind by a dead node, or by one that has just come.
            census = await _services.Watch.TakeAsync(newerThan: seen, cancellationToken);
        }

        if (_readBefore)
        {
            _presence.Apply(await _services.Store.ReadPositionsAsync(_room, _presence.UsersHere(), cancellationToken));
        }

        _readBefore = true;
        return Merge(record, doubts, seen, census);
    }

    /// <returns>Whether everything is to be read whatever has changed.</returns>
    private (long Life, long Sequence, int Doubts, bool Everything) Known()
    {
        lock (_gate)
        {
            return (_life, _sequence, _doubts, !_readBefore || _forgetful || _doubts != _doubtsMet);
        }
    }

    private bool Merge(IReadOnlyList<Signal> changes)
    {
        lock (_gate)
        {
            foreach (var signal in changes)
            {
                Apply(signal);
            }

            return EndReading();
        }
    }

    private bool Merge(RoomRecord record, int doubts, long seen, Census census)
    {
        lock (_gate)
        {
            _doubtsMet = doubts;
            if (_life != 0 && _life != record.Life)
            {
                // Redis has lost the room. By then every node that is still there has written its own again.
                _forgetful = true;
                _later.Change(_options.PresenceGrace, Timeout.InfiniteTimeSpan);
            }

            (_sequence, _life) = (record.Sequence, record.Life);
            _presence.Apply(record.Entries, seen, census, _forgetful);
            return EndReading();
        }
    }

    // Under the gate.
    private bool EndReading()
    {
        foreach (var signal in _waiting.Where(signal => signal.Sequence > _sequence))
        {
            _again |= signal.Sequence != _sequence + 1;
            if (!_again)
            {
                Apply(signal);
            }
        }

        _waiting.Clear();
        _reading = _again;
        _again = false;
        return !_reading;
    }

    [LoggerMessage(LogLevel.Error, "Room {Room}: who is in it cannot be read; it is tried again")]
    private partial void LogFailed(string room, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Room {Room}: who is in it cannot be read now: {Reason}")]
    private partial void LogWaits(string room, string reason);
}
