using System.Collections.Concurrent;
using System.Globalization;
using Chat.Client;
using Chat.Lab.Checking;
using Chat.Lab.Faults;
using Chat.Protocol;

namespace Chat.Lab.Clients;

/// <summary>A user who keeps what was sent, what was acked, what was shown and when.</summary>
internal sealed class LabClient : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LabRoom> _rooms = new();
    private readonly ConcurrentQueue<Sending> _sent = new();
    private readonly ConcurrentQueue<StatusRecord> _statuses = new();
    private readonly LabClock _clock;
    private readonly string _idPrefix;
    private readonly ChatClient _client;
    private int _next;
    private int _open;
    private int _acked;
    private double? _goneAt;

    public LabClient(string user, ChatClientOptions options, LabClock clock, FaultProxy? link = null, int device = 0)
    {
        (User, _clock, Link) = (user, clock, link);
        _idPrefix = device == 0 ? user : $"{user}.{device}";
        _client = new ChatClient(options);
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
    /// <param name="text">The id itself when null.</param>
    public void Send(string room, string? text = null)
    {
        if (_rooms[room].Joined is not { } joined)
        {
            return;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}-{_next++}");
        Interlocked.Increment(ref _open);
        _sent.Enqueue(new Sending(room, id, _clock.Now, joined.SendAsync(new OutgoingMessage(text ?? id) { Id = id }), Ended));
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
        [.. _sent.Select(sending => sending.Record())],
        [.. _statuses],
        Present: _goneAt is null,
        _goneAt);

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
        private readonly double _sentAt;

        public Sending(string room, string id, double sentAt, Task<Position> stored, Func<bool, double?> ended)
        {
            (_room, _id, _sentAt, Stored) = (room, id, sentAt, stored);
            _ = NoteAsync(ended);
        }

        public Task<Position> Stored { get; }

        public double? AckedAt { get; private set; }

        public SentRecord Record() => new(
            _room, _id, _sentAt, AckedAt, Stored.IsCompletedSuccessfully ? Stored.Result : null, Stored.IsFaulted);

        private async Task NoteAsync(Func<bool, double?> ended)
        {
            await ((Task)Stored).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            AckedAt = ended(Stored.IsCompletedSuccessfully);
        }
    }
}
