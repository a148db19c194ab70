using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>Which rooms to ask for, and when, so that neither silence nor an outage makes a storm of joins. Under the session's gate.</summary>
internal sealed class Joins(Wire wire, IReadOnlyDictionary<string, ChatRoom> rooms)
{
    private const int RefusedTriesMax = 4;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RefusedWait = TimeSpan.FromSeconds(1);

    /// <summary>Asks for the rooms that are due, a few at a time.</summary>
    public void Pump()
    {
        if (!wire.IsOpen)
        {
            return;
        }

        var asked = rooms.Values.Count(room => room.Link.Phase == JoinPhase.Asked && room.Link.JoinDue > wire.Now);
        foreach (var room in rooms.Values.Where(room => room.Link.Phase != JoinPhase.In))
        {
            if (room.Link.JoinDue > wire.Now)
            {
                wire.Alarm.RingBy(room.Link.JoinDue);
            }
            else if (asked < wire.Options.JoinsMax)
            {
                asked++;
                Ask(room);
            }
        }
    }

    /// <summary>After a hole, or when the node no longer knows of the membership: asks at once, from where the room is.</summary>
    public void Again(ChatRoom room)
    {
        (room.Link.Phase, room.Link.JoinDue, room.Link.JoinTries) = (JoinPhase.Out, TimeSpan.Zero, 0);
        (room.Link.OnItsWay, room.Link.SendDue) = (null, TimeSpan.Zero);
        Ask(room);
    }

    public static void Answered(ChatRoom room) => (room.Link.Phase, room.Link.JoinTries) = (JoinPhase.In, 0);

    /// <summary>The node could not, for now.</summary>
    public void Postpone(ChatRoom room)
    {
        var wait = RefusedWait * Math.Pow(2, Math.Min(room.Link.JoinTries - 1, RefusedTriesMax));
        (room.Link.Phase, room.Link.JoinDue) = (JoinPhase.Out, wire.Now + wire.Spread(wait));
        wire.Alarm.RingBy(room.Link.JoinDue);
    }

    /// <summary>The node is well again: whoever waits for that need not wait longer.</summary>
    public void Hurry()
    {
        foreach (var link in rooms.Values.Select(room => room.Link))
        {
            var soon = wire.Now + (RefusedWait * wire.Options.Random());
            link.JoinTries = 0;
            link.JoinDue = link.JoinDue < soon ? link.JoinDue : soon;
            link.SendDue = link.SendDue < soon ? link.SendDue : soon;
        }
    }

    private void Ask(ChatRoom room)
    {
        var patience = wire.Options.JoinRetry * Math.Pow(2, Math.Min(room.Link.JoinTries++, 10));
        (room.Link.Phase, room.Link.JoinDue) = (JoinPhase.Asked, wire.Now + (patience < AnswerMax ? patience : AnswerMax));
        wire.Alarm.RingBy(room.Link.JoinDue);
        wire.Send(new JoinFrame(room.Name, room.Last, wire.Options.Trace ? true : null));
    }
}
