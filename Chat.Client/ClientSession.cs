using System.Collections.Concurrent;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>One connection of a client: from its <c>hello</c> to its end.</summary>
internal sealed class ClientSession(
    FrameSocket socket,
    ChatClientOptions options,
    ConcurrentDictionary<string, ChatRoom> rooms,
    Outbox outbox,
    ChatClient client)
{
    private const int RetryMinMs = 50;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A timer takes no longer time than some weeks.</summary>
    private static readonly TimeSpan DelayMax = TimeSpan.FromDays(1);

    /// <summary>Rooms joined on this connection, each with the id of the message that is on its way, or with none.</summary>
    private readonly Dictionary<string, string?> _joined = [];
    private readonly Lock _gate = new();
    private ConnectionStatus _status = new(ConnectionState.Connecting);
    private TimeSpan _silenceMax = options.ConnectTimeout;

    public void Join(ChatRoom room) => socket.Send(new JoinFrame(room.Name, room.Last, options.Trace ? true : null));

    public void Leave(ChatRoom room)
    {
        lock (_gate)
        {
            _joined.Remove(room.Name);
        }

        socket.Send(new LeaveFrame(room.Name));
    }

    /// <summary>Sends what counts only on a connection that has joined the room.</summary>
    public void Send(ClientFrame frame, string room)
    {
        if (IsJoined(room))
        {
            socket.Send(frame);
        }
    }

    /// <summary>Sends what waits first in the room, unless something of it is on its way, or the room is not joined yet.</summary>
    public void SendNext(string room)
    {
        lock (_gate)
        {
            if (_joined.TryGetValue(room, out var onItsWay) && onItsWay is null && outbox.First(room) is { } send)
            {
                _joined[room] = send.Id;
                socket.Send(send);
            }
        }
    }

    /// <summary>Runs until the connection ends, is silent for too long, or is asked to leave by the node.</summary>
    /// <param name="token">The one it was opened with.</param>
    public async Task RunAsync(string token, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(_silenceMax, options.Time);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(leave.Token);
        var refreshing = RefreshAsync(token, ended.Token);
        try
        {
            while (await socket.ReadAsync(options.FrameBytesMax, leave.Token) is { } frame)
            {
                silence.CancelAfter(_silenceMax);
                options.Received?.Invoke(frame);
                await ApplyAsync(frame, leave, cancellationToken);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Gives the node a new token before the present one expires. Where that fails, the node closes the connection and the client comes back.</summary>
    private async Task RefreshAsync(string token, CancellationToken cancellationToken)
    {
        while (TokenLife.ExpiresAt(token) is { } expiresAt)
        {
            // A token that lives no longer than that is replaced when half of its time is over.
            var left = expiresAt - options.Time.GetUtcNow();
            var delay = left - options.RefreshBefore > left / 2 ? left - options.RefreshBefore : left / 2;
            var wait = delay > RetryAfter ? delay : RetryAfter;
            await Task.Delay(wait < DelayMax ? wait : DelayMax, options.Time, cancellationToken);
            if (wait < DelayMax)
            {
                token = await options.Token(cancellationToken);
                socket.Send(new RefreshFrame(token));
            }
        }
    }

    private async ValueTask ApplyAsync(ServerFrame frame, CancellationTokenSource leave, CancellationToken cancellationToken)
    {
        switch (frame)
        {
            case HelloFrame hello:
                Begin(hello);
                break;
            case PingFrame:
                socket.Send(new PongFrame());
                break;
            case AckFrame ack:
                outbox.Ack(ack);
                Arrived(ack.Room, ack.Id);
                break;
            case NackFrame nack:
                Refused(nack, leave.Token);
                break;
            case ErrorFrame { Room: { } name } error when !IsJoined(name) && Room(name) is { } room:
                JoinRefused(room, error, leave.Token);
                break;
            case InviteFrame invite:
                client.Invite(invite);
                break;
            case StatusFrame status:
                client.SetStatus(_status = _status with { Degraded = status.Degraded });
                break;
            case DrainFrame drain:
                // Everyone on that node was told the same: come back spread over the window.
                leave.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(0, drain.ReconnectWithinMs) * options.Random()));
                break;
            default:
                await ApplyToRoomAsync(frame, cancellationToken);
                break;
        }
    }

    private async ValueTask ApplyToRoomAsync(ServerFrame frame, CancellationToken cancellationToken)
    {
        switch (frame)
        {
            case MessageFrame message when Room(message.Room) is { } room:
                if (await room.ApplyAsync(message, cancellationToken) is not null)
                {
                    Rejoin(room);
                }

                break;
            case JoinedFrame joined when Room(joined.Room) is { } room:
                await room.ApplyAsync(joined, cancellationToken);
                Arrived(joined.Room, id: null);
                if (room.PendingRead() is { } untold)
                {
                    socket.Send(untold);
                }

                break;
            case PresenceFrame presence when Room(presence.Room) is { } room:
                await room.ApplyAsync(presence, cancellationToken);
                break;
            case UserTypingFrame typing when Room(typing.Room) is { } room:
                await room.ApplyAsync(new UserTyping(typing.User), cancellationToken);
                break;
            case UserReadFrame read when Room(read.Room) is { } room:
                await room.ApplyAsync(read, cancellationToken);
                break;
        }
    }

    private void Begin(HelloFrame hello)
    {
        client.Welcome(hello.User);
        _silenceMax = TimeSpan.FromSeconds(hello.PingSeconds) + options.SilenceSlack;
        client.SetStatus(_status = new ConnectionStatus(ConnectionState.Connected, hello.Node));
        foreach (var room in rooms.Values)
        {
            Join(room);
        }
    }

    /// <summary>After a hole. Until the answer it is not joined: it may be refused, and nothing can be sent.</summary>
    private void Rejoin(ChatRoom room)
    {
        lock (_gate)
        {
            _joined.Remove(room.Name);
        }

        Join(room);
    }

    private void JoinRefused(ChatRoom room, ErrorFrame error, CancellationToken cancellationToken)
    {
        if (error.Code is ErrorCode.Unavailable or ErrorCode.RateLimited)
        {
            _ = LaterAsync(RetryAfter, () => JoinAgain(room), cancellationToken);
        }
        else if (rooms.TryRemove(KeyValuePair.Create(room.Name, room)))
        {
            var refusal = new ChatException(error.Code, error.Message);
            room.Close(refusal);
            outbox.FailRoom(room.Name, refusal);
        }
    }

    private void JoinAgain(ChatRoom room)
    {
        if (Room(room.Name) == room)
        {
            Join(room);
        }
    }

    private void Refused(NackFrame nack, CancellationToken cancellationToken)
    {
        if (outbox.Find(nack.Id) is not { } send)
        {
            return;
        }

        if (!nack.Retryable)
        {
            outbox.Refuse(nack);
            Arrived(send.Room, nack.Id);
            return;
        }

        // Spread, so that many rooms that were told the same do not come back in step. Where they were too fast, all of them wait for
        // the user's one budget: the more there are, the less often each asks.
        var least = nack.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(Math.Max(ms, RetryMinMs)) : RetryAfter;
        var spread = nack.Code == ErrorCode.RateLimited ? RoomsSending() : 1;
        _ = LaterAsync(least * (1 + (spread * options.Random())), () => Arrived(send.Room, nack.Id), cancellationToken);
    }

    /// <summary>The message is no longer on its way; the next one goes, or the same again. No id: the room was joined anew.</summary>
    private void Arrived(string room, string? id)
    {
        lock (_gate)
        {
            if (id is null || (_joined.TryGetValue(room, out var onItsWay) && onItsWay == id))
            {
                _joined[room] = null;
            }
        }

        SendNext(room);
    }

    private int RoomsSending()
    {
        lock (_gate)
        {
            return _joined.Values.Count(onItsWay => onItsWay is not null);
        }
    }

    private bool IsJoined(string room)
    {
        lock (_gate)
        {
            return _joined.ContainsKey(room);
        }
    }

    private async Task LaterAsync(TimeSpan delay, Action act, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, options.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
        {
            act();
        }
    }

    private ChatRoom? Room(string name) => rooms.GetValueOrDefault(name);
}
