using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>What survives a reconnect: rooms with their positions, messages without an ack, what was read. Safe to call from any thread.</summary>
internal sealed partial class Session : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChatRoom> _rooms = [];
    private readonly ChatClientOptions _options;
    private readonly ILogger _logger;
    private readonly Notices _notices;
    private readonly Alarm _alarm;
    private readonly Wire _wire;
    private readonly Outbox _outbox;
    private readonly Joins _joins;
    private readonly Sender _sender;
    private readonly Reads _reads;
    private readonly Histories _histories;
    private readonly Typing _typing;
    private ChatException? _ended;
    private int _holes;

    public Session(ChatClientOptions options, Notices notices, ILogger logger)
    {
        (_options, _notices, _logger) = (options, notices, logger);
        _alarm = new Alarm(options.Time, Ring);
        _wire = new Wire(options, _alarm);
        _outbox = new Outbox(options, settled => notices.Add(() => Settled?.Invoke(settled)), logger);
        _joins = new Joins(_wire, _rooms);
        _sender = new Sender(_wire, _outbox, _rooms);
        _reads = new Reads(_wire, _rooms);
        _histories = new Histories(_wire);
        _typing = new Typing(_wire);
    }

    public Action<SettledMessage>? Settled { get; set; }

    public Action<Invitation>? Invited { get; set; }

    public string? User => _wire.User;

    public int Holes => Volatile.Read(ref _holes);

    public IReadOnlyList<PendingMessage> Pending
    {
        get
        {
            lock (_gate)
            {
                return _outbox.Pending;
            }
        }
    }

    public IReadOnlyList<ChatRoom> Rooms
    {
        get
        {
            lock (_gate)
            {
                return [.. _rooms.Values];
            }
        }
    }

    /// <summary>Rooms and messages are taken from now on, and go on where an earlier end has left them.</summary>
    public void Begin() => Do(() =>
    {
        _ended = null;
        foreach (var room in _rooms.Values)
        {
            room.Reopen();
        }
    });

    /// <summary>Nothing more comes: everybody who waits is told. What was joined is kept, for a new begin.</summary>
    /// <param name="error">Why nothing is taken from now on.</param>
    /// <param name="forReaders">What ends those who read; null for an end without an error.</param>
    public void End(ChatException error, ChatException? forReaders) => Do(() =>
    {
        _ended = error;
        _outbox.Abandon(error);
        foreach (var room in _rooms.Values.ToArray())
        {
            var wasJoined = room.Joined.IsCompletedSuccessfully;
            Histories.FailAll(room, error);
            room.End(wasJoined ? forReaders : error);
            if (!wasJoined)
            {
                _rooms.Remove(room.Name);
            }
        }
    });

    /// <summary>A connection stands.</summary>
    public void Opened(HelloFrame hello, IFrameSocket socket) => Do(() =>
    {
        _wire.Open(hello, socket);
        Pump();
    });

    /// <summary>The connection is gone.</summary>
    public void Lost() => Do(() =>
    {
        _wire.Close();
        foreach (var room in _rooms.Values)
        {
            room.Disconnect();
        }
    });

    /// <summary>The node is cut off from Redis, or is well again.</summary>
    public void Degraded(bool degraded) => Do(() =>
    {
        if (!degraded)
        {
            _joins.Hurry();
            Pump();
        }
    });

    /// <exception cref="ChatException">Too many rooms, or the client has ended.</exception>
    public ChatRoom Enter(string name, Position? after)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (!_rooms.TryGetValue(name, out var room))
            {
                if (_wire.Limits is { } limits && _rooms.Count >= limits.RoomsMax)
                {
                    throw new ChatException(ErrorCode.TooManyRooms, $"A connection is in at most {limits.RoomsMax} rooms: leave one.");
                }

                _rooms[name] = room = new ChatRoom(this, name, after, _options.RoomEventsMax);
                _joins.Pump();
            }

            room.Joining++;
            return room;
        }
    }

    /// <summary>One who waited for a join has an end of it. A room that nobody waits for and nobody has is left.</summary>
    public void Entered(ChatRoom room, bool joined)
    {
        bool abandoned;
        lock (_gate)
        {
            room.Joining--;
            room.IsHandedOut |= joined;
            abandoned = room is { Joining: 0, IsHandedOut: false };
        }

        if (abandoned)
        {
            Leave(room);
        }
    }

    public void Leave(ChatRoom room) => Do(() =>
    {
        if (_rooms.GetValueOrDefault(room.Name) != room)
        {
            return;
        }

        _rooms.Remove(room.Name);
        if (room.Link.Phase != JoinPhase.Out)
        {
            _wire.Send(new LeaveFrame(room.Name));
        }

        room.End(error: null);
        _outbox.FailRoom(room.Name, new ChatException(ErrorCode.NotJoined, "The room was left before this was known to be stored."));
        Pump();
    });

    public async Task<Position> SendAsync(ChatRoom room, OutgoingMessage message, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.StartSend(room.Name, message.Id);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (entry, added) = Enqueue(room, message, Traceparent.Current);
            var cancellation = added ? cancellationToken.UnsafeRegister(_ => Cancel(entry, cancellationToken), null) : default;
            await using (cancellation.ConfigureAwait(false))
            {
                return await (added ? entry.Stored : entry.Stored.WaitAsync(cancellationToken)).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, (exception as ChatException)?.Code ?? "cancelled");
            throw;
        }
    }

    public async Task<HistoryPage> ReadHistoryAsync(ChatRoom room, long? before, int limit, CancellationToken cancellationToken)
    {
        var request = Request(room, before, limit);
        try
        {
            return await request.Page.Task.WaitAsync(_options.HistoryTimeout, _options.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (request.Page.Task.IsCompletedSuccessfully)
        {
            return await request.Page.Task.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new ChatException(ChatException.Timeout, $"No page of {room.Name} within {_options.HistoryTimeout.TotalSeconds} s.");
        }
        finally
        {
            request.Page.TrySetCanceled(CancellationToken.None);
            Do(() => _histories.Next(room));
        }
    }

    public void MarkRead(ChatRoom room, long offset) => Do(() =>
    {
        var read = Math.Min(offset, room.Last?.Offset ?? -1);
        if (read > room.Link.Read)
        {
            room.Link.Read = read;
            _reads.Pump();
        }
    });

    public void Typing(ChatRoom room) => Do(() => _typing.Notify(room));

    public void Dropped(ChatRoom room)
    {
        Telemetry.EventDropped();
        if (!room.Link.DropIsTold)
        {
            room.Link.DropIsTold = true;
            LogDropped(room.Name, _options.RoomEventsMax);
        }
    }

    public void Dispose() => _alarm.Dispose();

    private (OutboxEntry Entry, bool Added) Enqueue(ChatRoom room, OutgoingMessage message, string? traceparent)
    {
        try
        {
            lock (_gate)
            {
                ThrowIfEnded();
                if (_rooms.GetValueOrDefault(room.Name) != room)
                {
                    throw new ChatException(ErrorCode.NotJoined, "The room was left, or the node refused it.");
                }

                var send = new SendFrame(room.Name, message.Id, message.Text, traceparent);
                if (_sender.FindProblem(send) is { } problem)
                {
                    throw problem;
                }

                var added = _outbox.Add(send);
                _sender.Next(room);
                return added;
            }
        }
        finally
        {
            _notices.Tell();
        }
    }

    private HistoryRequest Request(ChatRoom room, long? before, int limit)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (_rooms.GetValueOrDefault(room.Name) != room)
            {
                throw new ChatException(ErrorCode.NotJoined, "The room was left, or the node refused it.");
            }

            var end = (room.Last?.Offset ?? 0) + 1;
            var request = new HistoryRequest(Math.Clamp(before ?? end, 0, end), limit);
            room.Link.History.Enqueue(request);
            _histories.Next(room);
            return request;
        }
    }

    private void Cancel(OutboxEntry entry, CancellationToken cancellationToken) => Do(() => _sender.Cancel(entry, cancellationToken));

    /// <summary>Does whatever is due, and sees to it that the alarm rings for the rest.</summary>
    private void Pump()
    {
        _joins.Pump();
        _sender.Pump();
        _reads.Pump();
        foreach (var room in _rooms.Values)
        {
            _histories.Next(room);
        }
    }

    private void Ring() => Do(() =>
    {
        _alarm.Clear();
        Pump();
    });

    private void Do(Action act)
    {
        lock (_gate)
        {
            act();
        }

        _notices.Tell();
    }

    private void ThrowIfEnded()
    {
        if (_ended is { } ended)
        {
            throw new ChatException(ended.Code, ended.Message, ended.InnerException);
        }
    }

    [LoggerMessage(LogLevel.Warning, "More than {EventsMax} events of room {Room} wait to be read: the oldest are dropped")]
    private partial void LogDropped(string room, int eventsMax);
}
