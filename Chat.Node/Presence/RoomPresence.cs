using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Node.Rooms;
using Chat.Node.Signals;
using Chat.Protocol.Frames;

namespace Chat.Node.Presence;

#pragma warning disable CA1001 // CloseAsync ends it, and says what is left to do.
/// <summary>
/// The people of one room, as the members on this node are told of them: who is here on any node, what they have read, who is
/// writing. What happens here goes to Redis, what happens elsewhere comes as signals; both are gathered for a moment, so that a
/// thousand who come at once cost one frame. Safe to call from any thread.
/// </summary>
internal sealed partial class RoomPresence
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly Room _room;
    private readonly PresenceServices _services;
    private readonly NodeOptions _options;
    private readonly ILogger _logger;
    private readonly RoomPeople _people;
    private readonly RoomSync _sync;
    private readonly TypingLimit _typing;
    private readonly Alarm _alarm;
    private long _version;
    private int _failures;
    private bool _writing;
    private Task _write = Task.CompletedTask;

    /// <param name="doubted">Called when signals may have been lost, so that it is compared with Redis in turn.</param>
    public RoomPresence(Room room, PresenceServices services, Action<RoomPresence> doubted)
    {
        (_room, _services, _options) = (room, services, services.Options.Value);
        _logger = services.Logger;
        _people = new RoomPeople(room.Name, new Incarnation(services.Node.Id, services.Node.Incarnation), _options, services.Time);
        _sync = new RoomSync(room.Name, services, this, () => doubted(this));
        _typing = new TypingLimit(_options.TypingPerRoomMax, _options.TypingPeriod, services.Time);
        _alarm = new Alarm(services.Time, Tick);
    }

    /// <summary>Starts to listen, and learns who is here. With Redis away it goes on trying; until then, this node's members are all it knows.</summary>
    public Task OpenAsync() => _sync.OpenAsync();

    public string Name => _room.Name;

    /// <summary>Reads everything anew if Redis has a change that is not known here.</summary>
    /// <param name="sequence">The number of the room's last change, as it was read lately.</param>
    public void Recheck(long sequence) => _sync.Recheck(sequence);

    public void Enter(string connection, string user) => Change(people => people.Enter(connection, user));

    /// <inheritdoc cref="RoomPeople.Exit"/>
    public void Exit(string connection, bool atOnce) => Change(people => people.Exit(connection, atOnce));

    /// <summary>A user has read up to here. A lower position than before changes nothing.</summary>
    public void Read(string user, long offset) => Change(people => people.Changes.Read(user, offset));

    /// <summary>A user is writing.</summary>
    public void Type(string user)
    {
        if (!IsTypingShed())
        {
            _services.Store.PublishTyping(_room.Name, user);
        }
    }

    public bool IsPresent(string user)
    {
        lock (_gate)
        {
            return _people.IsPresent(user);
        }
    }

    public PresenceSnapshot Snapshot()
    {
        lock (_gate)
        {
            var (members, count) = _people.Describe();
            return new PresenceSnapshot(_version, members, count);
        }
    }

    /// <summary>Up to where everybody has read; in a big room, the user asked for alone. Nothing while Redis is away.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadPositionsAsync(string user, CancellationToken cancellationToken)
    {
        try
        {
            return await _services.Store.ReadPositionsAsync(_room.Name, [user], cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            return new Dictionary<string, long>();
        }
    }

    /// <summary>Tells the members who has read up to where, as soon as it is known: the log has become another one.</summary>
    public void TellPositions() => _sync.Reread();

    /// <summary>Nodes came or went.</summary>
    public void Apply(Census census)
    {
        lock (_gate)
        {
            if (_people.Drop(census))
            {
                _services.Watch.Doubt();
            }

            if (_people.HasNews || !_people.Changes.IsEmpty)
            {
                _alarm.RingIn(TimeSpan.Zero);
            }
        }
    }

    /// <summary>Something happened in the room, on whatever node, and is the next after what is known.</summary>
    public void Apply(Signal signal)
    {
        lock (_gate)
        {
            _people.Apply(signal, _services.Watch.Begun);
            Tell(signal.Reads);
            WakeIfNeeded();
        }
    }

    /// <summary>What Redis holds, instead of what is known.</summary>
    /// <inheritdoc cref="RoomPeople.Replace"/>
    public void Apply(IReadOnlyCollection<PresenceEntry> entries, long seen, Census census, bool forgetful)
    {
        lock (_gate)
        {
            _people.Replace(entries, seen, forgetful);
            if (_people.Drop(census, left: true))
            {
                _services.Watch.Doubt();
            }

            WakeIfNeeded();
        }
    }

    /// <summary>Read positions after signals were lost: a client that knows them already takes no harm.</summary>
    public void Apply(IReadOnlyCollection<KeyValuePair<string, long>> positions)
    {
        lock (_gate)
        {
            Tell(positions);
        }
    }

    /// <summary>Users are writing. In a room in which many are, a few of them are news enough.</summary>
    public void ApplyTyping(IReadOnlyList<string> users)
    {
        if (users.Count == 0 || IsTypingShed())
        {
            return;
        }

        foreach (var user in users)
        {
            if (_typing.Allows())
            {
                _room.TellNow(OutboundFrame.Text(new UserTypingFrame(_room.Name, user)), except: user);
            }
        }
    }

    public IReadOnlyCollection<string> UsersHere()
    {
        lock (_gate)
        {
            return _people.UsersHere;
        }
    }

    /// <summary>
    /// Writes what is left and stops listening. When the node leaves, those who were lost with it stay in Redis until its lease
    /// has run out: they are on their way to another node.
    /// </summary>
    /// <returns>What could not be written; null when all was.</returns>
    public async Task<RoomChangesBatch?> CloseAsync()
    {
        await _sync.DisposeAsync();
        await _alarm.DisposeAsync();
        await _write;
        RoomChangesBatch last;
        lock (_gate)
        {
            if (!_services.Status.IsDraining)
            {
                _people.Clear();
            }

            last = _people.Changes.Take(int.MaxValue);
        }

        try
        {
            if (last.Count > 0)
            {
                await _services.Store.WriteAsync(_room.Name, last, CancellationToken.None);
            }

            return null;
        }
        catch (BackplaneUnavailableException exception)
        {
            LogWriteFailed(_room.Name, exception.InnerException?.Message ?? exception.Message);
            return last;
        }
    }

    private bool IsTypingShed()
    {
        if (!_services.Pressure.Sheds(Load.Typing))
        {
            return false;
        }

        _services.Metrics.Shed("typing");
        return true;
    }

    private void Change(Action<RoomPeople> change)
    {
        lock (_gate)
        {
            change(_people);
            WakeIfNeeded();
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            _alarm.Reset();
            _people.Expire();
            if (_people.Next() is { } frame)
            {
                _room.Tell(++_version, OutboundFrame.Text(frame));
            }

            if (!_writing && !_people.Changes.IsEmpty)
            {
                _writing = true;
                _write = WriteAsync(_people.Changes.Take(_options.PresenceChangesMax));
            }

            WakeIfNeeded();
        }
    }

    private async Task WriteAsync(RoomChangesBatch batch)
    {
        await Task.Yield();
        var pause = TimeSpan.Zero;
        try
        {
            await _services.Store.WriteAsync(_room.Name, batch, CancellationToken.None);
        }
        catch (BackplaneUnavailableException exception)
        {
            LogWriteFailed(_room.Name, exception.InnerException?.Message ?? exception.Message);
            pause = RetryDelay.After(++_failures, _options);
        }
#pragma warning disable CA1031 // Whatever it was: what is not written now is written later, or nobody here is ever seen elsewhere.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFaulted(_room.Name, exception);
            pause = _options.RepairRetryMax;
        }

        lock (_gate)
        {
            _writing = false;
            if (pause > TimeSpan.Zero)
            {
                _people.Changes.PutBack(batch);
                _alarm.Reset();
                _alarm.RingIn(pause);
            }
            else
            {
                _failures = 0;
                WakeIfNeeded();
            }
        }
    }

    // Under the gate.
    private void Tell(IReadOnlyCollection<KeyValuePair<string, long>> reads)
    {
        if (reads.Count == 0)
        {
            return;
        }

        if (!_people.IsCounted)
        {
            _room.Tell(OutboundFrame.Texts([.. reads.Select(read => new UserReadFrame(_room.Name, read.Key, read.Value))]));
            return;
        }

        // Everybody's position to everybody would be N² again: in a big room each has only one's own, on all devices.
        foreach (var (user, offset) in reads)
        {
            _room.Tell(OutboundFrame.Text(new UserReadFrame(_room.Name, user, offset)), only: user);
        }
    }

    // Under the gate.
    private void WakeIfNeeded()
    {
        // Told later, it is told of more at once.
        var period = _services.Pressure.Sheds(Load.Presence) ? _options.PresenceShedPeriod
            : _people.IsCounted ? _options.PresenceCountPeriod
            : _options.PresencePeriod;
        if (_people.HasNews || (!_writing && !_people.Changes.IsEmpty))
        {
            _alarm.RingIn(period);
        }

        if (_people.NextDue() is { } due)
        {
            _alarm.RingIn(due > period ? due : period);
        }
    }

    [LoggerMessage(LogLevel.Error, "Room {Room}: its people could not be written; it is tried again")]
    private partial void LogFaulted(string room, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Room {Room}: its people could not be written: {Reason}")]
    private partial void LogWriteFailed(string room, string reason);
}
