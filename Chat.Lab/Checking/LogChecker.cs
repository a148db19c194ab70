namespace Chat.Lab.Checking;

/// <summary>Sends against the log, both ways, and the log against itself and against what it was before.</summary>
internal static class LogChecker
{
    public static void Check(RoomEvidence room, Anomalies anomalies)
    {
        if (room.Log is not { } log)
        {
            CheckShownOnly(room, anomalies);
            return;
        }

        CheckEntries(room, log, anomalies);
        CheckSends(room, log, anomalies);
        foreach (var kept in room.Evidence.Kept)
        {
            CheckKept(room, log, kept, anomalies);
        }
    }

    private static void CheckEntries(RoomEvidence room, IReadOnlyList<LogEntry> log, Anomalies anomalies)
    {
        for (var place = 0; place < log.Count; place++)
        {
            var entry = log[place];
            if (entry.At.Offset != place + 1)
            {
                var at = place + 1;
                anomalies.Add(AnomalyKind.LogNotContiguous, room.Room, () => $"{Name(entry)} stands at place {at}");
            }

            if (room.Places[(entry.Author, entry.Id)] is var first && first != place)
            {
                anomalies.Add(AnomalyKind.StoredTwice, room.Room, () => $"{Name(entry)} stands at {log[first].At.Offset}, too");
            }

            ContentChecker.Check(room, (entry.Author, entry.Id), entry.Text, () => $"the log has {Name(entry)}", anomalies);
        }
    }

    private static void CheckSends(RoomEvidence room, IReadOnlyList<LogEntry> log, Anomalies anomalies)
    {
        foreach (var message in room.SentHere)
        {
            var stored = room.Places.TryGetValue(message.Key, out var place);
            switch (message.Record.Outcome)
            {
                case SendOutcome.Refused when stored:
                    anomalies.Add(AnomalyKind.RefusedButStored, room.Room, () => $"{message} stands at {log[place].At.Offset}");
                    break;
                case SendOutcome.Acked when room.Evidence.Loss?.Excuses(message.Record) == true:
                    break;
                case SendOutcome.Acked when !stored:
                    anomalies.Add(AnomalyKind.AckedButLost, room.Room, () => $"{message}, acked at {message.Record.AckedAt:0.00} s, is not in the log");
                    break;
                case SendOutcome.Acked when log[place].At != message.Record.Stored:
                    anomalies.Add(AnomalyKind.AckedElsewhere, room.Room, () => $"{message} was acked at {message.Record.Stored} and is at {log[place].At}");
                    break;
            }
        }
    }

    /// <summary>Where nothing is kept, what was acked was shown to somebody else, and what was refused to nobody.</summary>
    private static void CheckShownOnly(RoomEvidence room, Anomalies anomalies)
    {
        foreach (var message in room.SentHere)
        {
            var shown = room.Views.Any(view => view.User != message.Author && view.First.ContainsKey(message.Key));
            if (message.Record.Outcome == SendOutcome.Acked && !shown)
            {
                anomalies.Add(AnomalyKind.AckedButLost, room.Room, () => $"{message}, acked at {message.Record.AckedAt:0.00} s, was shown to nobody else");
            }
            else if (message.Record.Outcome == SendOutcome.Refused && shown)
            {
                anomalies.Add(AnomalyKind.RefusedButStored, room.Room, () => $"{message} was shown");
            }
        }
    }

    private static void CheckKept(RoomEvidence room, IReadOnlyList<LogEntry> log, KeptLog kept, Anomalies anomalies)
    {
        var before = kept.Log.GetValueOrDefault(room.Room) ?? [];
        for (var place = 0; place < before.Count; place++)
        {
            if (place >= log.Count || log[place] != before[place])
            {
                var (entry, now) = (before[place], place < log.Count ? Name(log[place]) : "nothing");
                anomalies.Add(AnomalyKind.NotKept, room.Room, () => $"{Name(entry)} was there {kept.When}; now there is {now}");
            }
        }
    }

    private static string Name(LogEntry entry) => $"{entry.Author}/{entry.Id} at {entry.At.Epoch}:{entry.At.Offset}";
}
