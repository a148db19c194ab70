using System.Runtime.CompilerServices;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>One room: what happens in it, and how to write in it. Stays the same over reconnects. Safe to call from any thread.</summary>
public sealed class ChatRoom
{
    private readonly Session _session;
    private readonly Timeline _timeline;
    private readonly EventQueue _events;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile People _people = People.Unknown;
    private volatile Position? _last;

    internal ChatRoom(Session session, string name, Position? after, int eventsMax)
    {
        (_session, Name, _last) = (session, name, after);
        _timeline = new Timeline(after);
        _events = new EventQueue(eventsMax);
    }

    public string Name { get; }

    /// <summary>
    /// Everything up to here was handed out; null before the first answer. Kept and given to
    /// <see cref="ChatClient.JoinAsync(string, Position, CancellationToken)"/>, a later run of the program goes on from here.
    /// </summary>
    public Position? Last => _last;

    /// <summary>Users who are there now, oneself included; null in a big room, which tells only <see cref="MemberCount"/>.</summary>
    public IReadOnlySet<string>? Members => _people.Members;

    public int MemberCount => _people.Count;

    /// <summary>Up to where users have read; in a big room, oneself alone.</summary>
    public IReadOnlyDictionary<string, long> ReadPositions => _people.Read;

    /// <summary>Messages behind one's own read position, on whatever device that was set; 0 while it is unknown.</summary>
    public long Unread => OwnRead is >= 0 and var read && _last is { } last ? Math.Max(0, last.Offset - read) : 0;

    internal RoomLink Link { get; } = new();

    /// <summary>Those who wait for the join.</summary>
    internal int Joining { get; set; }

    /// <summary>Somebody has it.</summary>
    internal bool IsHandedOut { get; set; }

    internal Task Joined => _joined.Task;

    /// <summary>Up to where this user has read, by the node's word; -1 while it is unknown.</summary>
    internal long OwnRead => _session.User is { } user && _people.Read.TryGetValue(user, out var read) ? read : -1;

    /// <summary>
    /// Everything that happens from the newest messages on, until the client stops or the room is left. Messages come each once and in
    /// order; where that cannot be kept, <see cref="ContinuityLost"/> or <see cref="EventsDropped"/> says so. One reader at a time. Events wait
    /// to be read, as many as <see cref="ChatClientOptions.RoomEventsMax"/> allows; who does not read holds up nobody.
    /// </summary>
    /// <exception cref="ChatException">
    /// <see cref="ChatException.Closed"/>: the node ended the connection for good. After <see cref="ChatClient.StartAsync"/> the room goes on
    /// where it was: read again.
    /// </exception>
    public IAsyncEnumerable<RoomEvent> ReadAllAsync(CancellationToken cancellationToken = default) => _events.ReadAllAsync(cancellationToken);

    /// <summary>The messages alone.</summary>
    /// <inheritdoc cref="ReadAllAsync"/>
    public async IAsyncEnumerable<ChatMessage> ReadMessagesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (happened is MessageReceived received)
            {
                yield return received.Message;
            }
        }
    }

    /// <summary>Writes a text, under an id of its own. <see cref="SendAsync(OutgoingMessage, CancellationToken)"/> lets one choose it.</summary>
    /// <inheritdoc cref="SendAsync(OutgoingMessage, CancellationToken)"/>
    public Task<Position> SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(new OutgoingMessage(text), cancellationToken);

    /// <summary>
    /// Writes a message. It waits for a connection and survives reconnects: the same id is sent again until the node says that it is stored, or
    /// until that would no longer be safe. Messages of a room are stored in the order of the calls.
    /// </summary>
    /// <param name="message">The same message, or another with its id, stores nothing new and gives the first position.</param>
    /// <param name="cancellationToken">
    /// Takes the message back if it was not sent yet; otherwise it only ends the waiting: <see cref="SendCanceledException.MayBeStored"/> says which.
    /// </param>
    /// <returns>Where it is stored.</returns>
    /// <exception cref="ChatException">
    /// Not stored: refused by the node or by its limits (the code says why), <see cref="ChatException.OutboxFull"/>,
    /// <see cref="ChatException.OutboxFailed"/>. Not known: <see cref="ChatException.Expired"/>, <see cref="ChatException.Closed"/>,
    /// <c>not_joined</c> when the room was left meanwhile.
    /// </exception>
    /// <exception cref="SendCanceledException">Cancelled.</exception>
    public Task<Position> SendAsync(OutgoingMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _session.SendAsync(this, message, cancellationToken);
    }

    /// <summary>
    /// Says that everything up to here was read. Call it as often as you like: the node is told now and then, and of the newest alone. It only
    /// grows, survives reconnects, and reaches all devices of the user.
    /// </summary>
    /// <param name="offset">Not beyond <see cref="Last"/>: more counts as that.</param>
    public void MarkRead(long offset) => _session.MarkRead(this, offset);

    /// <summary>Says that the user is writing; call it at every key. Most calls do nothing, and none waits.</summary>
    public void NotifyTyping() => _session.Typing(this);

    /// <summary>Reads older messages, also while the connection comes back.</summary>
    /// <param name="before">The page ends right before this offset; null for the newest.</param>
    /// <param name="limit">At least 1; a node gives 50 at most.</param>
    /// <exception cref="ChatException">Refused by the node (<c>unavailable</c>: ask again), <see cref="ChatException.Timeout"/>, <see cref="ChatException.Closed"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Task<HistoryPage> ReadHistoryAsync(long? before = null, int limit = 50, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _session.ReadHistoryAsync(this, before, limit, cancellationToken);
    }

    /// <summary>Leaves: nothing more comes, and messages that are not acked fail with <c>not_joined</c>.</summary>
    public void Leave() => _session.Leave(this);

    /// <returns>What <see cref="ReadAllAsync"/> would give next; null when nothing waits.</returns>
    internal RoomEvent? TakeEvent() => _events.Take();

    internal void Disconnect()
    {
        _timeline.Disconnect();
        Link.Disconnect();
    }

    /// <returns>True after a hole: join again from <see cref="Last"/>.</returns>
    internal bool Apply(MessageFrame message)
    {
        var rejoining = _timeline.Rejoining;
        if (_timeline.Apply(message))
        {
            Put(new MessageReceived(message));
            _last = _timeline.Last;
        }

        return _timeline.Rejoining && !rejoining;
    }

    internal void Apply(JoinedFrame joined)
    {
        if (_last is { } last && last.Epoch != joined.Epoch)
        {
            // Offsets of another log mean nothing here: nobody has read what stands at them now.
            Link.Read = -1;
        }

        foreach (var happened in _timeline.Apply(joined))
        {
            Put(happened);
        }

        _last = _timeline.Last;
        (_people, var change) = _people.Apply(joined);
        Link.ReadTold = OwnRead;
        if (change is not null)
        {
            Put(change);
        }

        _joined.TrySetResult();
    }

    internal void Apply(PresenceFrame presence)
    {
        (_people, var change) = _people.Apply(presence);
        if (change is not null)
        {
            Put(change);
        }
    }

    internal void Apply(UserReadFrame read)
    {
        var before = _people;
        _people = before.Apply(read.User, read.Offset);
        if (_people != before)
        {
            Put(new UserRead(read.User, read.Offset));
        }
    }

    internal void Put(RoomEvent happened)
    {
        if (happened is MessageReceived)
        {
            Telemetry.Received();
        }

        if (!_events.Put(happened))
        {
            _session.Dropped(this);
        }
    }

    /// <param name="error">Null when it was left, or the client stopped.</param>
    internal void End(ChatException? error)
    {
        _events.End(error);
        Histories.FailAll(this, error ?? new ChatException(ErrorCode.NotJoined, "The room was left, or the client stopped."));
        if (error is not null)
        {
            _joined.TrySetException(error);
            _ = _joined.Task.Exception;
        }
        else
        {
            _joined.TrySetCanceled();
        }
    }

    internal void Reopen() => _events.Reopen();
}
