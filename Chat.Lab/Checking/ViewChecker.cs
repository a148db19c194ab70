using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>One view against the log, both ways, place by place: what it shows stands there, in that order, nothing between is left out, and it reaches the end.</summary>
internal static class ViewChecker
{
    public static void Check(RoomEvidence room, View view, Anomalies anomalies)
    {
        for (var segment = 0; segment <= view.Record.Told.Count; segment++)
        {
            var shown = view.Record.Shown.Where(message => message.Segment == segment).ToArray();
            CheckOffsets(room, view, shown, segment, anomalies);
            CheckOrder(room, view, shown, anomalies);
            foreach (var message in shown)
            {
                CheckContent(room, view, message, anomalies);
            }
        }

        CheckEnd(room, view, anomalies);
    }

    private static void CheckOffsets(RoomEvidence room, View view, ShownRecord[] shown, int segment, Anomalies anomalies)
    {
        var keys = new HashSet<(string, string)>();
        var offsets = new HashSet<long>();

        // What a segment starts with is part of the answer to a join: it is the newest there is, or what follows its top.
        var last = StartOf(view, segment);
        foreach (var message in shown)
        {
            var numbered = message.Offset != Position.Unnumbered;

            // An offset or an id alone that comes again is a repeat, too.
            if (!keys.Add((message.Author, message.Id)) | (numbered && !offsets.Add(message.Offset)))
            {
                anomalies.Add(AnomalyKind.Duplicated, room.Room, () => $"{view.User} saw {Name(message)} again at {message.At:0.00} s");
            }
            else if (numbered && last is not null && message.Offset > last.Offset + 1)
            {
                var after = last.Offset;
                anomalies.Add(AnomalyKind.Skipped, room.Room, () => $"{view.User} saw {Name(message)} after offset {after}");
            }

            last = numbered && (last is null || message.Epoch != last.Epoch || message.Offset > last.Offset) ? new Position(message.Epoch, message.Offset) : last;
        }
    }

    private static void CheckOrder(RoomEvidence room, View view, ShownRecord[] shown, Anomalies anomalies)
    {
        var last = -1;

        // What is shown again is a repeat, and no other order.
        foreach (var message in shown.DistinctBy(message => (message.Author, message.Id)))
        {
            if (!room.Places.TryGetValue((message.Author, message.Id), out var place))
            {
                continue;
            }

            if (place < last)
            {
                anomalies.Add(AnomalyKind.AgainstLogOrder, room.Room, () => $"{view.User} saw {Name(message)} after what stands behind it in the log");
            }

            last = Math.Max(last, place);
        }
    }

    private static void CheckContent(RoomEvidence room, View view, ShownRecord message, Anomalies anomalies)
    {
        ContentChecker.Check(room, (message.Author, message.Id), message.Text, () => $"{view.User} saw {Name(message)}", anomalies);
        if (room.Log is not null && !room.Stands(message) && !room.IsUndone(view, message))
        {
            anomalies.Add(AnomalyKind.NotInLog, room.Room, () => $"{view.User} saw {Name(message)} at {message.At:0.00} s; the log has something else there");
        }
    }

    private static void CheckEnd(RoomEvidence room, View view, Anomalies anomalies)
    {
        if (!view.Stayed || room.Log is not { Count: > 0 } log)
        {
            return;
        }

        var segment = view.Record.Told.Count;
        var shown = view.Record.Shown.Where(message => message.Segment == segment).Select(message => message.Offset).DefaultIfEmpty(StartOf(view, segment)?.Offset ?? 0).Max();
        var end = log[^1].At.Offset;
        if (shown < end)
        {
            anomalies.Add(AnomalyKind.Skipped, room.Room, () => $"{view.User} saw nothing after offset {shown}; the log ends at {end}");
        }
    }

    /// <summary>The top that the client was given there, if nothing below it was shown with it.</summary>
    private static Position? StartOf(View view, int segment)
    {
        var top = segment > 0 ? view.Record.Told[segment - 1].To : view.Record.Wire.FirstOrDefault(frame => frame.Kind == WireKind.Joined)?.At;
        var first = view.Record.Shown.FirstOrDefault(message => message.Segment == segment);
        return top is not null && (first is null || first.Epoch != top.Epoch || first.Offset > top.Offset) ? top : null;
    }

    private static string Name(ShownRecord message) => $"{message.Author}/{message.Id} at {message.Epoch}:{message.Offset}";
}
