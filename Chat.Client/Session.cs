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

    [LoggerMessage(LogLevel.Warning, "More than {EventsMax} events of room {Room} wait to be read: the oldest are dropped")]
    private partial void LogDropped(string room, int eventsMax);
}
