using Chat.Protocol;

namespace Chat.Lab.Checking;

/// <summary>What clients were told of losses: it covers the range that was told and nothing else, and is never said for nothing.</summary>
internal static class TellingChecker
{
    /// <summary>Two machine moments that were one may be this far apart when two tasks have noted them.</summary>
    private const double ClockSlackSeconds = 0.05;

    public static void Check(RoomEvidence room, DeliveryFindings deliveries, Anomalies anomalies)
    {
        if (room.Log is null)
        {
            // Whoever keeps nothing cannot know whether something was missed, and has to say that it may have been.
            return;
        }

        foreach (var view in room.Views)
        {
            for (var told = 0; told < view.Record.Told.Count; told++)
            {
                var record = view.Record.Told[told];
                if (!room.IsUndone(record) && !deliveries.Needed.Contains((view, told)))
                {
                    anomalies.Add(AnomalyKind.FalseAlarm, room.Room, () => $"{view.User} was told at {record.At:0.00} s of a loss from {record.From} to {record.To}, and lacks nothing there");
                }
            }
        }

        CheckUntold(room, anomalies);
    }

    /// <summary>Whether what the client was told covers a message that it was never shown.</summary>
    public static bool Covers(RoomEvidence room, View view, int told, Sent message, PublishedBy published)
    {
        var record = view.Record.Told[told];
        if (room.IsUndone(record) && room.Evidence.Loss!.Excuses(message.Record) && !room.Places.ContainsKey(message.Key))
        {
            // What Redis has lost stands nowhere; perhaps the client has something else under its number. That the log is another one says it.
            return true;
        }

        return room.PositionOf(message) is { } position && (position.Epoch == record.From.Epoch || position.Epoch == record.To.Epoch)
            ? IsWithin(record, position)
            : IsWithinTime(view, told, message, published);
    }

    private static bool IsWithin(ToldRecord told, Position position) => told.From.Epoch == told.To.Epoch
        ? position.Offset > told.From.Offset && position.Offset <= told.To.Offset
        : position.Epoch == told.From.Epoch ? position.Offset > told.From.Offset : position.Offset <= told.To.Offset;

    /// <summary>
    /// Without numbers a telling covers what can have been published after the last message that was shown before it. A message that
    /// was retried for half a minute counts from the moment at which it is known to have been published, not from its first try.
    /// </summary>
    private static bool IsWithinTime(View view, int told, Sent message, PublishedBy published)
    {
        var before = view.Record.Shown.LastOrDefault(shown => shown.Segment <= told);
        var from = before is null ? 0 : published[(before.Author, before.Id)];
        return message.Record.SentAt <= view.Record.Told[told].At
            && (message.Record.AckedAt ?? double.PositiveInfinity) >= from - ClockSlackSeconds;
    }

    /// <summary>Where Redis lost what was acked, every member of the room is told, whether the message was shown to him or not.</summary>
    private static void CheckUntold(RoomEvidence room, Anomalies anomalies)
    {
        if (room.Evidence.Loss is not { To: < double.PositiveInfinity } loss
            || !room.SentHere.Any(message => message.Record.Outcome == SendOutcome.Acked && loss.Excuses(message.Record) && !room.Places.ContainsKey(message.Key)))
        {
            return;
        }

        foreach (var view in room.Views.Where(view => view.Stayed && view.Record.JoinedAt < loss.From))
        {
            if (!view.Record.Told.Any(told => told.At >= loss.From && room.IsUndone(told)))
            {
                anomalies.Add(AnomalyKind.Untold, room.Room, () => $"{view.User} was not told that acked messages of the room are lost");
            }
        }
    }
}
