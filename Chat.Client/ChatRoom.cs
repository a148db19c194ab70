using System.Threading.Channels;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>One room: what happens in it, and how to write in it. Stays the same over reconnects.</summary>
public sealed class ChatRoom
{
    private readonly ChatClient _client;
    private readonly Timeline _timeline = new();
    private readonly Channel<RoomEvent> _events;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private volatile People _people = People.Unknown;
    private long _read = -1;
    private long _typedAt;

    internal ChatRoom(ChatClient client, string name, int eventsMax)
    {
        (_client, Name) = (client, name);
        _events = Channel.CreateBounded<RoomEvent>(new BoundedChannelOptions(eventsMax) { SingleWriter = true });
    }

    public string Name { get; }

    /// <summary>Everything up to here was handed out; null before the first answer.</summary>
    public Position? Last { get; private set; }

    /// <summary>Users who are there now, oneself included; null in a big room, which tells only <see cref="MemberCount"/>.</summary>
    public IReadOnlySet<string>? Members => _people.Members;

    public int MemberCount => _people.Count;

    /// <summary>Up to where users have read; in a big room, oneself alone.</summary>
    public IReadOnlyDictionary<string, long> ReadPositions => _people.Read;

    /// <summary>Messages behind one's own read position, on whatever device that was set; 0 while it is unknown.</summary>
    public long Unread => _client.User is { } user && _people.Read.TryGetValue(user, out var read) && Last is { } last
        ? Math.Max(0, last.Offset - read)
        : 0;

    /// <summary>
    /// Everything that happens from the newest messages on, until the client is closed or the room left. Messages come each
    /// once and in order; where that cannot be kept, <see cref="ContinuityLost"/> says so. One reader.
    /// </summary>
    public IAsyncEnumerable<RoomEvent> ReadAllAsync(CancellationToken cancellationToken = default) =>
        _events.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The messages alone.</summary>
    public async IAsyncEnumerable<MessageFrame> ReadMessagesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in ReadAllAsync(cancellationToken))
        {
            if (happened is MessageReceived received)
            {
                yield return received.Message;
            }
        }
    }

    /// <summary>Writes a message. It survives reconnects: the same id is sent again until the node says that it is stored.</summary>
    /// <returns>Where it is stored.</returns>
    /// <exception cref="ChatException">Refused, or the client was closed for good.</exception>
    public Task<Position> SendAsync(string text, CancellationToken cancellationToken = default) =>
        _client.SendAsync(Name, ChatClient.NewMessageId(), text, cancellationToken);

    /// <inheritdoc cref="SendAsync(string, CancellationToken)"/>
    /// <param name="id">1–64 visible ASCII characters: a second send of the same id stores nothing and gives the first position.</param>
    public Task<Position> SendAsync(string id, string text, CancellationToken cancellationToken = default) =>
        _client.SendAsync(Name, id, text, cancellationToken);

    /// <summary>Says that everything up to here was read. It only grows, survives reconnects, and reaches all devices of the user.</summary>
    public void MarkRead(long offset)
    {
        lock (_gate)
        {
            if (offset <= _read)
            {
                return;
            }

            _read = offset;
        }

        _client.Session?.Send(new ReadFrame(Name, offset), Name);
    }

    /// <summary>Says that the user is writing; call it at every key. Most calls do nothing, and none waits.</summary>
    public void NotifyTyping()
    {
        lock (_gate)
        {
            if (_typedAt != 0 && _client.Options.Time.GetElapsedTime(_typedAt) < _client.Options.TypingPeriod)
            {
                return;
            }

            _typedAt = _client.Options.Time.GetTimestamp();
        }

        _client.Session?.Send(new TypingFrame(Name), Name);
    }

    /// <summary>Leaves: nothing more comes.</summary>
    public void Leave() => _client.Leave(this);

    internal Task WaitJoinedAsync(CancellationToken cancellationToken) => _joined.Task.WaitAsync(cancellationToken);

    internal void Disconnect() => _timeline.Disconnect();

    /// <returns>The position to join again from, after a hole; null when all is well.</returns>
    internal async ValueTask<Position?> ApplyAsync(MessageFrame message, CancellationToken cancellationToken)
    {
        var rejoining = _timeline.Rejoining;
        if (_timeline.Apply(message))
        {
            await PutAsync(new MessageReceived(message), cancellationToken);
            Last = _timeline.Last;
        }

        if (!_timeline.Rejoining || rejoining)
        {
            return null;
        }

        _client.CountHole();
        return _timeline.Last;
    }

    internal async ValueTask ApplyAsync(JoinedFrame joined, CancellationToken cancellationToken)
    {
        foreach (var happened in _timeline.Apply(joined))
        {
            await PutAsync(happened, cancellationToken);
        }

        Last = _timeline.Last;
        (_people, var change) = _people.Apply(joined);
        if (change is not null)
        {
            await PutAsync(change, cancellationToken);
        }

        _joined.TrySetResult();
    }

    internal async ValueTask ApplyAsync(PresenceFrame presence, CancellationToken cancellationToken)
    {
        (_people, var change) = _people.Apply(presence);
        if (change is not null)
        {
            await PutAsync(change, cancellationToken);
        }
    }

    internal async ValueTask ApplyAsync(UserReadFrame read, CancellationToken cancellationToken)
    {
        var before = _people;
        _people = before.Apply(read.User, read.Offset);
        if (_people != before)
        {
            await PutAsync(new UserRead(read.User, read.Offset), cancellationToken);
        }
    }

    internal ValueTask ApplyAsync(RoomEvent happened, CancellationToken cancellationToken) =>
        PutAsync(happened, cancellationToken);

    /// <returns>What a new connection has to be told; null when the node knows it.</returns>
    internal ReadFrame? PendingRead()
    {
        lock (_gate)
        {
            var known = _client.User is { } user && _people.Read.TryGetValue(user, out var read) ? read : -1;
            return _read > known ? new ReadFrame(Name, _read) : null;
        }
    }

    /// <summary>Waits while as many events as allowed are unread. In a room that was left meanwhile, nothing is put.</summary>
    private async ValueTask PutAsync(RoomEvent happened, CancellationToken cancellationToken)
    {
        try
        {
            await _events.Writer.WriteAsync(happened, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // Left, perhaps just because nobody read.
        }
    }

    internal void Close(Exception? error)
    {
        _events.Writer.TryComplete(error);
        if (error is not null)
        {
            _joined.TrySetException(error);
        }
        else
        {
            _joined.TrySetCanceled();
        }
    }
}
