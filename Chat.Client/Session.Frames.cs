using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>What each frame of the node does.</summary>
internal sealed partial class Session
{
    public void Receive(ServerFrame frame) => Do(() =>
    {
        switch (frame)
        {
            case AckFrame ack:
                _sender.Acked(ack);
                break;
            case NackFrame nack when _sender.Refused(nack) is { } room:
                LogNotJoined(room.Name);
                _joins.Again(room);
                break;
            case InviteFrame invite:
                var invitation = new Invitation(invite.Room, invite.From);
                _notices.Add(() => Invited?.Invoke(invitation));
                break;
            case ErrorFrame error:
                Refused(error);
                break;
            default:
                ReceiveInRoom(frame);
                break;
        }
    });

    private void ReceiveInRoom(ServerFrame frame)
    {
        switch (frame)
        {
            case MessageFrame message when Room(message.Room) is { } room:
                Receive(room, message);
                break;
            case JoinedFrame joined when Room(joined.Room) is { } room:
                Receive(room, joined);
                break;
            case HistoryFrame history when Room(history.Room) is { } room:
                _histories.Answered(room, history);
                break;
            case PresenceFrame presence when Room(presence.Room) is { } room:
                room.Apply(presence);
                break;
            case UserTypingFrame typing when Room(typing.Room) is { } room:
                room.Put(new UserTyping(typing.User));
                break;
            case UserReadFrame read when Room(read.Room) is { } room:
                room.Apply(read);
                break;
        }
    }

    private void Receive(ChatRoom room, MessageFrame message)
    {
        _sender.Seen(message);
        if (room.Apply(message))
        {
            Interlocked.Increment(ref _holes);
            Telemetry.Hole();
            LogHole(room.Name, room.Last?.Offset, message.Offset);
            _joins.Again(room);
        }
    }

    private void Receive(ChatRoom room, JoinedFrame joined)
    {
        // What was sent before and is in the log must not be sent again.
        foreach (var message in joined.Messages)
        {
            _sender.Seen(message);
        }

        room.Apply(joined);
        Joins.Answered(room);
        Pump();
    }

    private void Refused(ErrorFrame error)
    {
        if (error.Room is null && error.Code == ErrorCode.RateLimited)
        {
            _reads.Refused();
            _reads.Pump();
        }

        if (error.Room is not { } name || Room(name) is not { } room)
        {
            LogError(error.Code, error.Message);
        }
        else if (room.Link.Phase == JoinPhase.Asked)
        {
            JoinRefused(room, error);
        }
        else if (error.Code == ErrorCode.NotJoined)
        {
            LogNotJoined(room.Name);
            if (room.Link.History.TryPeek(out var first))
            {
                first.IsOnItsWay = false;
            }

            _joins.Again(room);
        }
        else if (!_histories.Refused(room, error))
        {
            LogError(error.Code, error.Message);
        }
    }

    private void JoinRefused(ChatRoom room, ErrorFrame error)
    {
        if (error.Code is ErrorCode.Unavailable or ErrorCode.RateLimited)
        {
            _joins.Postpone(room);
            return;
        }

        var refusal = new ChatException(error.Code, error.Message);
        _rooms.Remove(room.Name);
        room.End(refusal);
        _outbox.FailRoom(room.Name, refusal);
        Pump();
    }

    private ChatRoom? Room(string name) => _rooms.GetValueOrDefault(name);

    [LoggerMessage(LogLevel.Information, "Room {Room} has a hole: after {Last} came {Offset}. It is joined again")]
    private partial void LogHole(string room, long? last, long offset);

    [LoggerMessage(LogLevel.Information, "The node does not know that the client is in room {Room}: it is joined again")]
    private partial void LogNotJoined(string room);

    [LoggerMessage(LogLevel.Warning, "The node refused a frame: {Code}: {Reason}")]
    private partial void LogError(string code, string reason);
}
