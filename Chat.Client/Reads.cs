using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>Tells the node what was read: the newest of each room, now and then, however often the user says it. Under the session's gate.</summary>
internal sealed class Reads(Wire wire, IReadOnlyDictionary<string, ChatRoom> rooms)
{
    private const int PatienceAfterRefusal = 5;

    private TimeSpan _due;

    /// <summary>Tells what the node does not know yet, if it is time.</summary>
    public void Pump()
    {
        if (!wire.IsOpen || !rooms.Values.Any(IsUntold))
        {
            return;
        }

        if (_due <= wire.Now)
        {
            _due = wire.Now + wire.Options.ReadPeriod;
            foreach (var room in rooms.Values.Where(IsUntold).Take(wire.Options.ReadsMax))
            {
                room.Link.ReadTold = room.Link.Read;
                wire.Send(new ReadFrame(room.Name, room.Link.Read));
            }
        }

        if (rooms.Values.Any(IsUntold))
        {
            wire.Alarm.RingBy(_due);
        }
    }

    /// <summary>The node left frames aside because there were too many, and perhaps these were among them: told again, later.</summary>
    public void Refused()
    {
        _due = wire.Now + (wire.Options.ReadPeriod * PatienceAfterRefusal);
        foreach (var room in rooms.Values)
        {
            room.Link.ReadTold = room.OwnRead;
        }
    }

    private static bool IsUntold(ChatRoom room) => room.Link.Phase == JoinPhase.In && room.Link.Read > Math.Max(room.Link.ReadTold, room.OwnRead);
}
