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
    private readonly ChatClient _client;
    private int _next;
    private double? _goneAt;

    public LabClient(string user, ChatClientOptions options, LabClock clock, FaultProxy? link = null)
    {
        (User, _clock, Link) = (user, clock, link);
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

    public int Sent => _sent.Count;

    public int Acked => _sent.Count(sending => sending.AckedAt is not null);

    public long Shown => _rooms.Values.Sum(room => (long)room.ShownCount);

    /// <summary>Sends that are neither acked nor refused.</summary>
    public int Open => _sent.Count(sending => !sending.Stored.IsCompleted);

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

        var id = string.Create(CultureInfo.InvariantCulture, $"{User}-{_next++}");
        var sending = new Sending(room, id, _clock.Now, joined.SendAsync(id, text ?? id), _clock);
        _sent.Enqueue(sending);
    }

    /// <summary>Waits until every message is acked or refused.</summary>
    public Task SettledAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_sent.Select(sending => sending.EndedAsync(cancellationToken)));

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
        private readonly Task _ended;

        public Sending(string room, string id, double sentAt, Task<Position> stored, LabClock clock)
        {
            (_room, _id, _sentAt, Stored) = (room, id, sentAt, stored);
            _ended = NoteAsync(clock);
        }

        public Task<Position> Stored { get; }

        public double? AckedAt { get; private set; }

        public async Task EndedAsync(CancellationToken cancellationToken) =>
            await _ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        public SentRecord Record() => new(
            _room, _id, _sentAt, AckedAt, Stored.IsCompletedSuccessfully ? Stored.Result : null, Stored.IsFaulted);

        private async Task NoteAsync(LabClock clock)
        {
            await ((Task)Stored).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Stored.IsCompletedSuccessfully)
            {
                AckedAt = clock.Now;
            }
        }
    }
}
