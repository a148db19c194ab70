namespace Chat.Lab.Checking;

/// <summary>Every message that was acked or stored against every member who was there: each is owed it.</summary>
internal static class DeliveryChecker
{
    public static DeliveryFindings Check(RoomEvidence room, Anomalies anomalies)
    {
        var findings = new DeliveryFindings();
        var published = new PublishedBy(room);
        Sent[] owed = [.. room.SentHere.Where(message => message.Record.Outcome == SendOutcome.Acked || room.Places.ContainsKey(message.Key))];
        foreach (var view in room.Views.Where(view => view.Stayed))
        {
            foreach (var message in owed.Where(message => message.Record.SentAt > view.Record.JoinedAt))
            {
                CheckOne(room, view, message, published, findings, anomalies);
            }
        }

        findings.AckedButLost = owed.Count(message => message.Record.Outcome == SendOutcome.Acked && !IsKept(room, message));
        return findings;
    }

    private static void CheckOne(RoomEvidence room, View view, Sent message, PublishedBy published, DeliveryFindings findings, Anomalies anomalies)
    {
        var own = message.Author == view.User;
        findings.Expected += own ? 0 : 1;
        if (view.First.TryGetValue(message.Key, out var index))
        {
            if (!own)
            {
                findings.Delivered.Add(new Delivery(view.User, message.Record.SentAt, (view.Record.Shown[index].At - message.Record.SentAt) * 1000));
            }

            return;
        }

        var covering = Enumerable.Range(0, view.Record.Told.Count).Where(told => TellingChecker.Covers(room, view, told, message, published)).ToArray();
        var noticed = covering.Length > 0;
        findings.Needed.UnionWith(covering.Select(told => (view, told)));
        if (!own)
        {
            findings.Lost.Add(new LostDelivery(view.User, message.Author, message.Record.Id, message.Record.SentAt, noticed));
        }

        if (!noticed)
        {
            anomalies.Add(
                own ? AnomalyKind.OwnLost : AnomalyKind.LostUnnoticed,
                room.Room,
                () => $"{view.User} never saw {message}, sent at {message.Record.SentAt:0.00} s, and was told nothing of it");
        }
        else if (room.Evidence.Loss?.Excuses(message.Record) != true)
        {
            anomalies.Add(AnomalyKind.LostAndTold, room.Room, () => $"{view.User} never saw {message}, sent at {message.Record.SentAt:0.00} s, and was told so");
        }
    }

    private static bool IsKept(RoomEvidence room, Sent message) => room.Log is not null
        ? room.Places.ContainsKey(message.Key)
        : room.Views.Any(view => view.User != message.Author && view.First.ContainsKey(message.Key));
}

internal sealed class DeliveryFindings
{
    public long Expected { get; set; }

    public int AckedButLost { get; set; }

    public List<LostDelivery> Lost { get; } = [];

    public List<Delivery> Delivered { get; } = [];

    /// <summary>Tellings that cover something lost.</summary>
    public HashSet<(View View, int Told)> Needed { get; } = [];
}

/// <summary>The earliest moment at which each message is known to have been published: somebody was shown it, or its ack came.</summary>
internal sealed class PublishedBy
{
    private readonly Dictionary<(string Author, string Id), double> _at = [];

    public PublishedBy(RoomEvidence room)
    {
        foreach (var shown in room.Views.SelectMany(view => view.Record.Shown))
        {
            Note((shown.Author, shown.Id), shown.At);
        }

        foreach (var sent in room.SentHere)
        {
            Note(sent.Key, sent.Record.AckedAt ?? double.PositiveInfinity);
        }
    }

    public double this[(string Author, string Id) key] => _at.GetValueOrDefault(key, double.PositiveInfinity);

    private void Note((string Author, string Id) key, double at) => _at[key] = Math.Min(at, this[key]);
}
