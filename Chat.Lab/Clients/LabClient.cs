using System.Collections.Concurrent;
using System.Globalization;
using Chat.Client;
using Chat.Lab.Checking;
using Chat.Lab.Faults;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Lab.Clients;

/// <summary>A user who keeps what was sent, what was acked, what was shown and when.</summary>
internal sealed class LabClient : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LabRoom> _rooms = new();
    private readonly ConcurrentQueue<Sending> _sent = new();
    private readonly ConcurrentQueue<StatusRecord> _statuses = new();
    private readonly ConcurrentQueue<string> _strays = new();

    /// <summary>By message id, as the node said it: the client may have learned the position from the message itself.</summary>
    private readonly ConcurrentDictionary<string, Position> _acks = new();
    private readonly LabClock _clock;
    private readonly string _idPrefix;
    private readonly ChatClient _client;
    private int _next;
    private int _open;
    private int _acked;
    private int _refusedForNow;
    private double? _goneAt;

    public LabClient(string user, ChatClientOptions options, LabClock clock, FaultProxy? link = null, int device = 0)
    {
        (User, _clock, Link) = (user, clock, link);
        _idPrefix = device == 0 ? user : $"{user}.{device}";
        _client = new ChatClient(options with { Received = Receive });
        _client.StatusChanged += status => _statuses.Enqueue(new StatusRecord(clock.Now, status.Node, status.Degraded, status.CloseCode));
    }

    public string User { get; }

    /// <summary>A proxy for this client alone; null when it shares the one before the balancer.</summary>
    public FaultProxy? Link { get; }

    /// <summary>The node it is on; null while it is on none.</summary>
    public string? Node => _client.Status.Node;

    public ConnectionStatus Status => _client.Status;

    public ChatClient Client => _client;

    public IEnumerable<string> RoomNames => _rooms.Keys;

    /// <summary>Whether so many different messages of a room were shown since the join; all that was before it counts as shown.</summary>
    public bool HasShown(string room, int messages) => _rooms[room].DistinctCount >= messages;

    public int Sent => _sent.Count;

    /// <summary>Sends that a node has refused for now.</summary>
    public int RefusedForNow => Volatile.Read(ref _refusedForNow);

    public int Acked => Volatile.Read(ref _acked);

    /// <summary>Its user has gone for good.</summary>
    public bool IsGone => _goneAt is not null;

    public long Shown => _rooms.Values.Sum(room => (long)room.ShownCount);

    /// <summary>Sends that are neither acked nor refused.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Enters a room and shows everything in it from now on; returns once the node has answered.</summary>
    public async Task JoinAsync(string name, CancellationToken cancellationToken)
    {
        var room = new LabRoom(name, _clock);
        _rooms[name] = room;
        await room.EnterAsync(_client, cancellationToken);
    }

    /// <summary>Writes a message; does not wait for its ack.</summary>
    /// <param name="textBytes">The text is the message's id, filled up to so many.</param>
    public void Send(string room, int textBytes = 0)
    {
        if (_rooms[room].Joined is not { } joined)
        {
            return;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}-{_next++}");
        var text = id.PadRight(textBytes, 'x');
        Interlocked.Increment(ref _open);
        _sent.Enqueue(new Sending(room, id, text, _clock.Now, joined.SendAsync(new OutgoingMessage(text) { Id = id }), Ended));
    }

    /// <summary>The id of the message that was sent last.</summary>
    public string LastId => $"{_idPrefix}-{_next - 1}";

    public bool HasShown(string room, string author, string id) => _rooms.TryGetValue(room, out var entered) && entered.HasShown(author, id);

    /// <summary>From now on its user counts as gone; the connection is left as it is.</summary>
    public void MarkGone() => _goneAt ??= _clock.Now;

    /// <summary>What it did and was shown up to now.</summary>
    public ClientRecord Record() => new(
        User,
        [.. _rooms.Values.Select(room => room.Record())],
        [.. _sent.Select(sending => sending.Record(_acks))],
        [.. _statuses],
        Present: _goneAt is null,
        _goneAt)
    {
        Strays = [.. _strays],
    };

    /// <summary>When something was shown or told last in any room.</summary>
    public double ChangedAt => _rooms.Values.Max(room => (double?)room.ChangedAt) ?? 0;

    /// <summary>Whether it is shown exactly these people in the room, or in a big one their number.</summary>
    public bool Sees(string room, IReadOnlyCollection<string> people) => _rooms[room].Joined is { } joined
        && (joined.Members is { } members ? members.SetEquals(people) : joined.MemberCount == people.Count);

    private void Receive(ServerFrame frame)
    {
        switch (frame)
        {
            case JoinedFrame joined:
                _rooms.GetValueOrDefault(joined.Room)?.Receive(joined);
                break;
            case MessageFrame message when _rooms.TryGetValue(message.Room, out var room):
                room.Receive(message);
                break;
            case MessageFrame message:
                _strays.Enqueue(message.Room);
                break;
            case AckFrame ack:
                _acks[ack.Id] = new Position(ack.Epoch, ack.Offset);
                break;
            case NackFrame { Retryable: true }:
                Interlocked.Increment(ref _refusedForNow);
                break;
        }
    }

    private double? Ended(bool stored)
    {
        Interlocked.Decrement(ref _open);
        if (!stored)
        {
            return null;
        }

        Interlocked.Increment(ref _acked);
        return _clock.Now;
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (var room in _rooms.Values)
        {
            await room.EndedAsync();
        }

        if (Link is not null)
        {
            await Link.DisposeAsync();
        }
    }

    private sealed class Sending
    {
        private readonly string _room;
        private readonly string _id;
        private readonly string _text;
        private readonly double _sentAt;

        public Sending(string room, string id, string text, double sentAt, Task<Position> stored, Func<bool, double?> ended)
        {
            (_room, _id, _text, _sentAt, Stored) = (room, id, Text.Mark(text), sentAt, stored);
            _ = NoteAsync(ended);
        }

        public Task<Position> Stored { get; }

        public double? AckedAt { get; private set; }

        public SentRecord Record(IReadOnlyDictionary<string, Position> acks) => new(
            _room, _id, _sentAt, AckedAt, Stored.IsCompletedSuccessfully ? acks.GetValueOrDefault(_id, Stored.Result) : null, Outcome(), _text);

        private SendOutcome Outcome() => Stored switch
        {
            { IsCompleted: false } => SendOutcome.Open,
            { IsCompletedSuccessfully: true } => SendOutcome.Acked,
            { Exception.InnerException: ChatException { Code: not (ChatException.Closed or ErrorCode.NotJoined) } } => SendOutcome.Refused,
            _ => SendOutcome.Unknown,
        };

        private async Task NoteAsync(Func<bool, double?> ended)
        {
            await ((Task)Stored).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            AckedAt = ended(Stored.IsCompletedSuccessfully);
        }
    }
}
