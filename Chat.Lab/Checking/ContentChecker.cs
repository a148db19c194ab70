namespace Chat.Lab.Checking;

/// <summary>Whether something was sent as it stands: by somebody, to this room, with this text.</summary>
internal static class ContentChecker
{
    public static void Check(RoomEvidence room, (string Author, string Id) key, string text, Func<string> where, Anomalies anomalies)
    {
        if (!room.AllSent.TryGetValue(key, out var sent))
        {
            anomalies.Add(AnomalyKind.NeverSent, room.Room, () => $"{where()}, and nobody sent it");
        }
        else if (sent.Record.Room != room.Room)
        {
            anomalies.Add(AnomalyKind.WrongRoom, room.Room, () => $"{where()}, and it was sent to {sent.Record.Room}");
        }
        else if (sent.Record.Text != text)
        {
            anomalies.Add(AnomalyKind.TextChanged, room.Room, () => $"{where()}, and it was sent with another text");
        }
    }
}
