using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>What concerns one room, found by author and id: what was sent to it, what its log holds, and who was in it.</summary>
internal sealed class RoomEvidence
{
    public RoomEvidence(string room, Evidence evidence, IReadOnlyDictionary<(string Author, string Id), Sent> sent)
    {
        (Room, Evidence, AllSent) = (room, evidence, sent);
        Log = evidence.Log is { } logs ? logs.GetValueOrDefault(room) ?? [] : null;
        for (var place = 0; place < (Log?.Count ?? 0); place++)
        {
            Places.TryAdd((Log![place].Author, Log[place].Id), place);
        }

        Views = [.. from client in evidence.Clients from view in client.Rooms where view.Room == room && view.JoinedAt is not null select new View(client, view)];
        SentHere = [.. sent.Values.Where(message => message.Record.Room == room)];
    }

    public string Room { get; }

    public Evidence Evidence { get; }

    /// <summary>To whatever room.</summary>
    public IReadOnlyDictionary<(string Author, string Id), Sent> AllSent { get; }

    public IReadOnlyList<Sent> SentHere { get; }

    /// <summary>Null where the strategy keeps none.</summary>
    public IReadOnlyList<LogEntry>? Log { get; }

    /// <summary>Where each message stands in the log, the first time.</summary>
    public Dictionary<(string Author, string Id), int> Places { get; } = [];

    public IReadOnlyList<View> Views { get; }

    /// <summary>The log has it where it was shown.</summary>
    public bool Stands(ShownRecord message) =>
        Places.TryGetValue((message.Author, message.Id), out var place) && Log![place].At.Offset == message.Offset;

    /// <summary>Redis has lost it, and the client was told later that the log is another one, or ends before it.</summary>
    public bool IsUndone(View view, ShownRecord message) => view.Record.Told.Skip(message.Segment).Any(IsUndone);

    /// <summary>Redis has lost writes, and the client was told that the log is another one, or ends before what it has.</summary>
    public bool IsUndone(ToldRecord told) =>
        Evidence.Loss is not null && (told.From.Epoch != told.To.Epoch || told.To.Offset < told.From.Offset);

    /// <summary>
    /// What the view shows, each message once. Of what Redis has undone and the client was told of, only what came again counts: that may be
    /// in another order.
    /// </summary>
    public IEnumerable<(string Author, string Id)> OrderOf(View view) => Log is null || !view.Record.Told.Any(IsUndone)
        ? view.Order
        : view.Record.Shown.Where(message => Stands(message) || !IsUndone(view, message)).Reverse().Select(message => (message.Author, message.Id)).Distinct().Reverse();

    /// <summary>By the log, or else by the ack; null when neither says it.</summary>
    public Position? PositionOf(Sent message) =>
        Places.TryGetValue(message.Key, out var place) ? Log![place].At
        : message.Record.Stored is { Offset: not Position.Unnumbered } stored ? stored
        : null;
}

internal sealed record Sent(string Author, SentRecord Record)
{
    public (string Author, string Id) Key => (Author, Record.Id);

    public override string ToString() => $"{Author}/{Record.Id}";
}

/// <summary>One client in one room, from one join on.</summary>
internal sealed class View
{
    public View(ClientRecord client, RoomRecord record)
    {
        (Client, Record) = (client, record);
        var order = new List<(string Author, string Id)>();
        for (var i = 0; i < record.Shown.Count; i++)
        {
            var key = (record.Shown[i].Author, record.Shown[i].Id);
            if (First.TryAdd(key, i))
            {
                order.Add(key);
            }
        }

        Order = [.. order];
    }

    public ClientRecord Client { get; }

    public RoomRecord Record { get; }

    public string User => Client.User;

    /// <summary>It was there to the end.</summary>
    public bool Stayed => Client.Present && !Record.Left;

    /// <summary>Where each message stands in the view, the first time.</summary>
    public Dictionary<(string Author, string Id), int> First { get; } = [];

    public IReadOnlyList<(string Author, string Id)> Order { get; }
}
