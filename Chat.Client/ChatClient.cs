using System.Collections.Concurrent;
using System.Security.Cryptography;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>
/// A user of the chat: keeps a connection, comes back when it breaks, goes on in every room where it was, and sends again what
/// is not known to be stored. Safe to call from any thread.
/// </summary>
public sealed class ChatClient : IAsyncDisposable
{
    private readonly ChatClientOptions _options;
    private readonly ConcurrentDictionary<string, ChatRoom> _rooms = new();
    private readonly Outbox _outbox;
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff;
    private readonly Task _running;
    private volatile ClientSession? _session;
    private volatile ConnectionStatus _status = new(ConnectionState.Connecting);
    private Exception? _closed;
    private int _holes;

    /// <summary>Starts to connect at once, and goes on until disposed.</summary>
    public ChatClient(ChatClientOptions options)
    {
        _options = options;
        _outbox = new Outbox(options.OutboxMessagesMax);
        _backoff = new Backoff(options.BackoffMin, options.BackoffMax, options.Jitter, options.Random);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Called after every change of <see cref="Status"/>, on the thread that reads the connection: return soon.</summary>
    public event Action<ConnectionStatus>? StatusChanged;

    /// <summary>Called when somebody has opened a direct room with this user, on the thread that reads the connection: return soon.</summary>
    public event Action<Invitation>? Invited;

    public ConnectionStatus Status => _status;

    /// <summary>Who one is, by the node's word; null before the first connection.</summary>
    public string? User { get; private set; }

    /// <summary>Times that a live message did not follow the one before, so that the room was joined again from there.</summary>
    public int Holes => Volatile.Read(ref _holes);

    internal ClientSession? Session => _session;

    internal ChatClientOptions Options => _options;

    /// <summary>An id no other message of this user has: 80 random bits.</summary>
    public static string NewMessageId() => RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 16);

    /// <summary>Enters a room, or gives the one already entered.</summary>
    /// <returns>Once the node has answered.</returns>
    /// <exception cref="ChatException">Refused, or the client was closed for good.</exception>
    public async Task<ChatRoom> JoinAsync(string room, CancellationToken cancellationToken = default)
    {
        if (!RoomName.IsValid(room))
        {
            throw new ChatException(ErrorCode.BadRoom, "A room name is 1-64 of letters, digits, - _ .");
        }

        var added = new ChatRoom(this, room, _options.RoomEventsMax);
        var entered = _rooms.GetOrAdd(room, added);
        if (entered == added)
        {
            if (_closed is { } closed)
            {
                entered.Close(closed);
            }

            _session?.Join(entered);
        }

        await entered.WaitJoinedAsync(cancellationToken);
        return entered;
    }

    /// <summary>Ends the connection; what is not acked fails with <see cref="ChatException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    internal async Task<Position> SendAsync(string room, string id, string text, CancellationToken cancellationToken)
    {
        if (_closed is { } closed)
        {
            throw closed;
        }

        var send = new SendFrame(room, id, text);
        var stored = _outbox.Add(send);
        if (_closed is { } closedMeanwhile)
        {
            _outbox.FailAll(closedMeanwhile);
        }

        _session?.SendNext(room);
        return await stored.WaitAsync(cancellationToken);
    }

    internal void Leave(ChatRoom room)
    {
        if (_rooms.TryRemove(KeyValuePair.Create(room.Name, room)))
        {
            _session?.Leave(room);
            room.Close(error: null);
            _outbox.FailRoom(room.Name, new ChatException(ErrorCode.NotJoined, "The room was left before this was known to be stored."));
        }
    }

    internal void SetStatus(ConnectionStatus status)
    {
        _status = status;
        Tell(() => StatusChanged?.Invoke(status));
    }

    /// <summary>A handler is not ours: what it throws ends neither the connection nor the client.</summary>
    private static void Tell(Action handlers)
    {
        try
        {
            handlers();
        }
#pragma warning disable CA1031 // See above.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Its owner has to catch it: nobody else can do anything about it.
        }
    }

    internal void CountHole() => Interlocked.Increment(ref _holes);

    internal void Welcome(string user) => User = user;

    internal void Invite(InviteFrame invite) => Tell(() => Invited?.Invoke(new Invitation(invite.Room, invite.From)));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        int? code = null;
        while (!cancellationToken.IsCancellationRequested && (code is null || CloseCodes.Reconnects(code.Value)))
        {
            var started = _options.Time.GetTimestamp();
            code = await ConnectOnceAsync(cancellationToken);
            if (_options.Time.GetElapsedTime(started) >= _options.StableAfter)
            {
                _backoff.Reset();
            }

            if (!cancellationToken.IsCancellationRequested && CloseCodes.Reconnects(code ?? 0))
            {
                SetStatus(new ConnectionStatus(ConnectionState.Waiting, CloseCode: code));
                await Task.Delay(_backoff.Next(), _options.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        End(code);
    }

    /// <returns>The code the connection was closed with; null when it broke or never stood.</returns>
    private async Task<int?> ConnectOnceAsync(CancellationToken cancellationToken)
    {
        SetStatus(_status with { State = ConnectionState.Connecting, Node = null });
        await using var socket = new FrameSocket();
        try
        {
            using var limit = new CancellationTokenSource(_options.ConnectTimeout, _options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var token = await _options.Token(either.Token);
            await socket.ConnectAsync(_options.NextUrl?.Invoke() ?? _options.Url, token, either.Token);
            var session = new ClientSession(socket, _options, _rooms, _outbox, this);
            _session = session;
            await session.RunAsync(token, cancellationToken);
        }
#pragma warning disable CA1031 // A node that is not there, a token that cannot be had, whatever it throws: the client comes back.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The status says that it waits; the backoff keeps it from asking too often.
        }
        finally
        {
            _session = null;
            await socket.CloseAsync(TimeSpan.FromSeconds(2), _options.Time);
            foreach (var room in _rooms.Values)
            {
                room.Disconnect();
            }
        }

        return socket.CloseCode;
    }

    private void End(int? code)
    {
        _closed = new ChatException(ChatException.Closed, code is null ? "The client was closed." : $"The node closed the connection for good: {code}.");
        SetStatus(new ConnectionStatus(ConnectionState.Closed, CloseCode: code));
        _outbox.FailAll(_closed);
        foreach (var room in _rooms.Values)
        {
            room.Close(code is null || CloseCodes.Reconnects(code.Value) ? null : _closed);
        }
    }
}
