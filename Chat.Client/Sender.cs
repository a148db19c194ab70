using System.Text;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>Sends what waits in the outbox: one message per room at a time, so that retries keep the order. Under the session's gate.</summary>
internal sealed class Sender(Wire wire, Outbox outbox, IReadOnlyDictionary<string, ChatRoom> rooms)
{
    private const int IdLengthMax = 64;
    private const int RetryMinMs = 50;

    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    /// <returns>What is wrong with it by what is known; null when nothing is.</returns>
    public ChatException? FindProblem(SendFrame send)
    {
        if (send.Id.Length is 0 or > IdLengthMax || send.Id.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return new ChatException(ErrorCode.BadId, "An id is 1-64 visible ASCII characters.");
        }

        if (send.Text.Length == 0)
        {
            return new ChatException(ErrorCode.TextEmpty, "A message has a text.");
        }

        if (wire.Limits is not { } limits)
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetByteCount(send.Text);
        if (bytes > limits.TextBytesMax)
        {
            return new ChatException(ErrorCode.TextTooLong, $"The text has {bytes} bytes; the node takes {limits.TextBytesMax}.");
        }

        return FrameCodec.Encode(send).Length > limits.FrameBytesMax
            ? new ChatException(ErrorCode.TextTooLong, $"With its escapes the message does not fit into a frame of {limits.FrameBytesMax} bytes.")
            : null;
    }

    /// <summary>Sends what waits first in the room, unless something of it is on its way, or the room is not joined yet.</summary>
    public void Next(ChatRoom room)
    {
        var link = room.Link;
        while (wire.IsOpen && link is { Phase: JoinPhase.In, OnItsWay: null } && outbox.First(room.Name) is { } entry)
        {
            if (link.SendDue > wire.Now)
            {
                wire.Alarm.RingBy(link.SendDue);
                return;
            }

            if (outbox.IsExpired(entry, wire.Now))
            {
                outbox.Fail(entry, new ChatException(
                    ChatException.Expired, "No ack came, and it is too late to send the message again safely: it may be stored, or not."));
            }
            else if (FindProblem(entry.Send) is { } problem)
            {
                outbox.Fail(entry, problem);
            }
            else
            {
                Send(link, entry);
            }
        }
    }

    public void Acked(AckFrame ack)
    {
        if (outbox.Find(ack.Id) is { } entry)
        {
            Telemetry.Acked(wire.Now - (entry.FirstSent ?? wire.Now));
            outbox.Settle(entry, new Position(ack.Epoch, ack.Offset));
            Answered(entry);
        }
    }

    /// <summary>A message of one's own has come from the log: it is stored, whether an ack says so or not.</summary>
    public void Seen(MessageFrame message)
    {
        // A number says that it is in the log.
        if (message.Offset != Position.Unnumbered && message.Author == wire.User
            && outbox.Find(message.Id) is { } entry && entry.Send.Room == message.Room && entry.WasSent)
        {
            outbox.Settle(entry, new Position(message.Epoch, message.Offset));
            Answered(entry);
        }
    }

    /// <returns>The room that has to be joined again before the message can be sent again.</returns>
    public ChatRoom? Refused(NackFrame nack)
    {
        if (outbox.Find(nack.Id) is not { } entry || Room(entry) is not { } room)
        {
            return null;
        }

        if (nack.Code == ErrorCode.NotJoined)
        {
            return room;
        }

        if (!nack.Retryable)
        {
            outbox.Fail(entry, new ChatException(nack.Code, nack.Message));
            Answered(entry);
            return null;
        }

        // Spread, so that many rooms that were told the same do not come back in step. Where they were too fast, all of them wait for
        // the user's one budget: the more there are, the less often each asks.
        var least = nack.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(Math.Max(ms, RetryMinMs)) : RetryWait;
        var spread = nack.Code == ErrorCode.RateLimited ? outbox.RoomsCount : 1;
        room.Link.SendDue = wire.Now + (least * (1 + (spread * wire.Options.Random())));
        Telemetry.Retried(nack.Code);
        Answered(entry);
        return null;
    }

    /// <summary>Sends again whatever got no answer for too long.</summary>
    public void Pump()
    {
        foreach (var room in rooms.Values)
        {
            var link = room.Link;
            if (link.OnItsWay is not null && link.AckDue <= wire.Now)
            {
                link.OnItsWay = null;
                Telemetry.Retried("no_ack");
            }
            else if (link.OnItsWay is not null)
            {
                wire.Alarm.RingBy(link.AckDue);
            }

            Next(room);
        }
    }

    /// <summary>Its sender waits no longer. What was on the wire cannot be taken back, but it is not sent again.</summary>
    public void Cancel(OutboxEntry entry, CancellationToken cancellationToken)
    {
        outbox.Fail(entry, new SendCanceledException(entry.Send.Id, entry.WasSent, cancellationToken));
        Answered(entry);
    }

    private void Send(RoomLink link, OutboxEntry entry)
    {
        (link.OnItsWay, link.AckDue) = (entry, wire.Now + wire.Options.AckTimeout);
        wire.Alarm.RingBy(link.AckDue);
        outbox.MarkSent(entry, wire.Now);
        Telemetry.Sent();
        wire.Send(entry.Send);
    }

    /// <summary>The message is no longer on its way; the next one goes, or the same again.</summary>
    private void Answered(OutboxEntry entry)
    {
        if (Room(entry) is { } room)
        {
            if (room.Link.OnItsWay == entry)
            {
                room.Link.OnItsWay = null;
            }

            Next(room);
        }
    }

    private ChatRoom? Room(OutboxEntry entry) => rooms.GetValueOrDefault(entry.Send.Room);
}
