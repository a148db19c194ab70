using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>Holds what clients were acked, shown and told against the rooms' logs: where each message stands there, and where it was said to stand.</summary>
internal static class LogChecker
{
    public static LogFindings Check(Evidence evidence)
    {
        var findings = LogFindings.Nothing;
        foreach (var (room, log) in evidence.Log ?? new Dictionary<string, IReadOnlyList<LogEntry>>())
        {
            findings += CheckRoom(room, log, evidence);
        }

        return findings;
    }

    private static LogFindings CheckRoom(string room, IReadOnlyList<LogEntry> log, Evidence evidence)
    {
        var places = new Dictionary<(string Author, string Id), int>();
        var anomalies = new List<string>();
        var twice = 0;
        for (var i = 0; i < log.Count; i++)
        {
            if (!places.TryAdd((log[i].Author, log[i].Id), i))
            {
                twice++;
                anomalies.Add($"{room}: {log[i].Author}/{log[i].Id} is stored twice, at {log[places[(log[i].Author, log[i].Id)]].At.Offset} and {log[i].At.Offset}");
            }
        }

        var elsewhere = 0;
        foreach (var client in evidence.Clients)
        {
            foreach (var sent in client.Sent.Where(sent => sent.Room == room && sent.Stored is not null))
            {
                if (places.TryGetValue((client.User, sent.Id), out var place) && log[place].At != sent.Stored)
                {
                    elsewhere++;
                    anomalies.Add($"{room}: {client.User}/{sent.Id} was acked at {sent.Stored!.Offset} and is at {log[place].At.Offset}");
                }
            }
        }

        var (unknown, disordered, needless) = (0, 0, 0);
        foreach (var (client, view) in evidence.Clients.SelectMany(client => client.Rooms.Where(view => view.Room == room), (client, view) => (client, view)))
        {
            needless += view.Told.Count;
            var last = (Segment: -1, Place: -1);
            foreach (var shown in view.Shown.Where(shown => shown.At < evidence.HistoryAt))
            {
                if (!places.TryGetValue((shown.Author, shown.Id), out var place))
                {
                    unknown++;
                    anomalies.Add($"{room}: {client.User} saw {shown.Author}/{shown.Id}, which is not in the log");
                    continue;
                }

                if (last.Segment == shown.Segment && place < last.Place)
                {
                    disordered++;
                    anomalies.Add($"{room}: {client.User} saw {shown.Author}/{shown.Id} after what stands behind it in the log");
                }

                last = (shown.Segment, Math.Max(place, last.Segment == shown.Segment ? last.Place : -1));
            }
        }

        return new LogFindings(unknown, twice, elsewhere, disordered, needless, anomalies);
    }
}

/// <summary>One message as its room's log has it.</summary>
internal sealed record LogEntry(Position At, string Author, string Id);

/// <param name="NotInLog">Times that a client was shown what the log does not have.</param>
/// <param name="StoredTwice">Messages that stand in the log again.</param>
/// <param name="AckedElsewhere">Acks whose position is not the message's.</param>
/// <param name="AgainstLogOrder">Times that a client was shown something after what stands behind it.</param>
/// <param name="Told">Times that a client was told of a loss: needless where Redis kept its data.</param>
internal sealed record LogFindings(
    int NotInLog, int StoredTwice, int AckedElsewhere, int AgainstLogOrder, int Told, IReadOnlyList<string> Anomalies)
{
    public static readonly LogFindings Nothing = new(0, 0, 0, 0, 0, []);

    public static LogFindings operator +(LogFindings a, LogFindings b) => new(
        a.NotInLog + b.NotInLog,
        a.StoredTwice + b.StoredTwice,
        a.AckedElsewhere + b.AckedElsewhere,
        a.AgainstLogOrder + b.AgainstLogOrder,
        a.Told + b.Told,
        [.. a.Anomalies, .. b.Anomalies]);
}
