using Chat.Node.Backplane;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>What each frame does. Called by a connection's read loop, one frame at a time, on the connection's loop.</summary>
internal sealed class FrameHandler(
    ConnectionServices services, IBackplane backplane, MessageSender sender, TokenRefresh refresher, IOptions<NodeOptions> options)
{
    private const int FloodRetryMs = 1000;

    private readonly NodeOptions _options = options.Value;

    /// <param name="payload">One text message, valid until this returns.</param>
    public Task HandleAsync(Connection connection, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        switch (FrameCodec.DecodeClient(payload.Span, out var error))
        {
            case SendFrame send:
                return sender.SendAsync(connection, send, cancellationToken);
            case JoinFrame join:
                return JoinAsync(connection, join, cancellationToken);
            case LeaveFrame leave:
                Leave(connection, leave.Room);
                return Task.CompletedTask;
            case TypingFrame typing:
                RefuseIf(connection, SignalHandler.Handle(connection, typing));
                return Task.CompletedTask;
            case ReadFrame read:
                RefuseIf(connection, SignalHandler.Handle(connection, read));
                return Task.CompletedTask;
            case RefreshFrame refresh:
                return RefreshAsync(connection, refresh, cancellationToken);
            case HistoryRequestFrame history:
                return ReadHistoryAsync(connection, history, cancellationToken);
            case PongFrame:
                return Task.CompletedTask;
            default:
                Refuse(connection, error ?? new ErrorFrame(ErrorCode.UnknownType, "This node does not serve this frame yet."));
                return Task.CompletedTask;
        }
    }

    /// <summary>For a frame that came too soon: nothing is done for it.</summary>
    public void RefuseFlood(Connection connection, Incoming incoming)
    {
        // Whoever waits for an answer has to learn which one it is.
        var frame = incoming.Kind == IncomingKind.Text ? FrameCodec.DecodeClient(incoming.Payload.Span, out _) : null;
        if (frame is SendFrame send)
        {
            services.Metrics.Sent(ErrorCode.RateLimited);
            connection.Send(new NackFrame(
                send.Id, ErrorCode.RateLimited, "Too many frames. Send it again a little later.", Retryable: true, FloodRetryMs));
        }

        var room = (frame as JoinFrame)?.Room;
        Refuse(connection, new ErrorFrame(
            ErrorCode.RateLimited, $"More than {_options.FramesPerSecond} frames a second: this one was left aside.", room));
    }

    private async Task JoinAsync(Connection connection, JoinFrame join, CancellationToken cancellationToken)
    {
        if (FindProblem(connection, join) is { } problem)
        {
            Refuse(connection, problem with { Room = join.Room });
            return;
        }

        if (await RefuseReadAsync(connection, join.Room, cancellationToken))
        {
            return;
        }

        await connection.ReadyToAnswerAsync();

        // A client that saw a hole joins again: the old membership ends first, so that nothing comes twice.
        connection.Memberships.Remove(join.Room, out var before);
        if (before is not null)
        {
            services.Rooms.Leave(before, Departure.Rejoins);
        }

        try
        {
            var request = new JoinRequest(
                join.Room,
                connection.Id,
                connection.User,
                join.After,
                join.Trace == true,
                connection.Queue,
                connection.Loop,
                Overflowed: () => connection.Close(CloseCode.SlowConsumer, "too slow"),
                connection.ConnectSpan);
            var membership = await services.Rooms.JoinAsync(request, cancellationToken);
            connection.Memberships[join.Room] = membership;
            await services.Invitations.ConsiderAsync(join.Room, membership.Room.Presence, connection.User, cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            before?.Room.Presence.Exit(connection.Id, atOnce: false);
            services.Metrics.Rejected(ErrorCode.Unavailable);
            connection.Send(new ErrorFrame(ErrorCode.Unavailable, "Could not join: Redis does not answer. Try again.", join.Room));
        }
    }

    private ErrorFrame? FindProblem(Connection connection, JoinFrame join)
    {
        if (!RoomName.IsValid(join.Room))
        {
            return new ErrorFrame(ErrorCode.BadRoom, "A room name is 1-64 of letters, digits, - _ .");
        }

        if (!RoomName.Admits(join.Room, connection.User))
        {
            return new ErrorFrame(ErrorCode.Forbidden, "Only its two users may be in a direct room.");
        }

        if (join.After is { Offset: < 0 } or { Epoch.Length: > 64 } or { Id.Length: > 64 })
        {
            return new ErrorFrame(ErrorCode.Malformed, "\"after\" is no position.");
        }

        return connection.Memberships.Count >= _options.RoomsPerConnectionMax && !connection.Memberships.ContainsKey(join.Room)
            ? new ErrorFrame(ErrorCode.TooManyRooms, $"A connection is in at most {_options.RoomsPerConnectionMax} rooms.")
            : null;
    }

    private void Leave(Connection connection, string room)
    {
        if (connection.Memberships.Remove(room, out var membership))
        {
            services.Rooms.Leave(membership, Departure.Left);
        }
    }

    private async Task RefreshAsync(Connection connection, RefreshFrame refresh, CancellationToken cancellationToken) =>
        RefuseIf(connection, await refresher.HandleAsync(connection, refresh, cancellationToken));

    private async Task ReadHistoryAsync(Connection connection, HistoryRequestFrame request, CancellationToken cancellationToken)
    {
        if (!connection.Memberships.ContainsKey(request.Room))
        {
            Refuse(connection, new ErrorFrame(ErrorCode.NotJoined, "Join the room first.", request.Room));
            return;
        }

        if (await RefuseReadAsync(connection, request.Room, cancellationToken))
        {
            return;
        }

        await connection.ReadyToAnswerAsync();

        try
        {
            var limit = Math.Clamp(request.Limit, 1, _options.NewestMessages);
            var page = await backplane.ReadBeforeAsync(request.Room, Math.Max(0, request.Before ?? long.MaxValue), limit, cancellationToken);
            services.Reads.Spend(connection.User, page);
            var frame = FrameCodec.EncodeHistory(
                new HistoryFrame(request.Room, [], page.More), [.. page.Messages.Select(message => message.Frame)]);
            connection.Answer(OutboundFrame.Text(frame));
        }
        catch (BackplaneUnavailableException)
        {
            services.Metrics.Rejected(ErrorCode.Unavailable);
            connection.Send(new ErrorFrame(ErrorCode.Unavailable, "Could not read history: Redis does not answer. Try again.", request.Room));
        }
    }

    /// <returns>True when the user has read too much: it was told when to come again.</returns>
    private async ValueTask<bool> RefuseReadAsync(Connection connection, string room, CancellationToken cancellationToken)
    {
        try
        {
            if (await services.Reads.TakeAsync(connection.User, cancellationToken) is not { } wait)
            {
                return false;
            }

            services.Metrics.Rejected("read_rate");
            connection.Send(new ErrorFrame(ErrorCode.RateLimited, "Too much was read. Try again a little later.", room, (int)wait.TotalMilliseconds));
            return true;
        }
        catch (BackplaneUnavailableException)
        {
            // What is to be read is not there either, and says so.
            return false;
        }
    }

    private void RefuseIf(Connection connection, ErrorFrame? problem)
    {
        if (problem is not null)
        {
            Refuse(connection, problem);
        }
    }

    private void Refuse(Connection connection, ErrorFrame error)
    {
        services.Metrics.Rejected(error.Code);
        connection.Send(error);
        if (!connection.Errors.TryTake())
        {
            connection.Close(CloseCode.ProtocolError, "too many errors");
        }
    }
}
