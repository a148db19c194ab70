using Chat.Client;
using Chat.Protocol.Frames;

namespace Chat.Tests.Cluster.Checking;

/// <summary>Holds what was sent, acked and shown against the log. Finds everything that is wrong, not only the first.</summary>
internal static class HistoryChecker
{
    public static IReadOnlyList<Anomaly> Check(RoomHistory history) =>
        [.. CheckLog(history), .. CheckAcks(history), .. history.Views.SelectMany(view => CheckView(history, view))];

    private static IEnumerable<Anomaly> CheckLog(RoomHistory history)
    {
        var sent = history.Sent.Select(message => (message.Author, message.Id, message.Text)).ToHashSet();
        var seen = new HashSet<(string Author, string Id)>();
        for (var i = 0; i < history.Log.Count; i++)
        {
            var entry = history.Log[i];
            if (entry.Offset != i + 1)
            {
                yield return new Anomaly(AnomalyKind.LogNotContiguous, history.Room, $"{Name(entry)} stands at place {i + 1}");
            }

            if (!seen.Add((entry.Author, entry.Id)))
            {
                yield return new Anomaly(AnomalyKind.StoredTwice, history.Room, Name(entry));
            }

            if (!sent.Contains((entry.Author, entry.Id, entry.Text)))
            {
                yield return new Anomaly(AnomalyKind.NeverSent, history.Room, Name(entry));
            }
        }
    }

    private static IEnumerable<Anomaly> CheckAcks(RoomHistory history)
    {
        if (history.RedisLostData)
        {
            yield break;
        }

        var log = history.Log.GroupBy(entry => (entry.Author, entry.Id)).ToDictionary(group => group.Key, group => group.First());
        foreach (var message in history.Sent.Where(message => message.Acked is not null))
        {
            if (!log.TryGetValue((message.Author, message.Id), out var entry))
            {
                yield return new Anomaly(AnomalyKind.AckedButLost, history.Room, $"{message.Author}/{message.Id}, acked at {message.Acked}");
            }
            else if (entry.Offset != message.Acked!.Offset || entry.Epoch != message.Acked.Epoch)
            {
                yield return new Anomaly(AnomalyKind.AckedElsewhere, history.Room, $"{Name(entry)}, acked at {message.Acked}");
            }
        }
    }

    private static IEnumerable<Anomaly> CheckView(RoomHistory history, ClientView view)
    {
        var segments = Split(view.Events);
        for (var i = 0; i < segments.Count; i++)
        {
            var (reset, messages) = segments[i];
            if (reset is not null && !history.RedisLostData)
            {
                yield return new Anomaly(AnomalyKind.NeedlessReset, history.Room, $"{view.Client} was told of a loss from {reset.From} to {reset.To}");
            }

            var ended = view.Present && i == segments.Count - 1;
            var anomalies = CheckOrder(messages, reset?.To.Offset);
            if (ended || !history.RedisLostData)
            {
                anomalies = anomalies.Concat(CheckContent(messages, history.Log));
            }

            if (ended)
            {
                anomalies = anomalies.Concat(CheckEnd(messages, reset, history.Log));
            }

            foreach (var (kind, detail) in anomalies)
            {
                yield return new Anomaly(kind, history.Room, $"{view.Client}: {detail}");
            }
        }
    }

    private static IEnumerable<(AnomalyKind Kind, string Detail)> CheckOrder(List<MessageFrame> messages, long? after)
    {
        var shown = new HashSet<(string Author, string Id)>();
        var offsets = new HashSet<long>();
        long? last = null;
        foreach (var message in messages)
        {
            // An offset or an id alone that comes again is a repeat, too.
            if (!shown.Add((message.Author, message.Id)) | !offsets.Add(message.Offset))
            {
                yield return (AnomalyKind.Duplicated, Name(message));
            }
            else if (message.Offset < last)
            {
                yield return (AnomalyKind.Reordered, $"{Name(message)} came after offset {last}");
            }
            else if (message.Offset > (last ?? after ?? (message.Offset - 1)) + 1)
            {
                yield return (AnomalyKind.LostUnnoticed, $"offsets between {last ?? after} and {message.Offset}");
            }

            last = Math.Max(last ?? 0, message.Offset);
        }
    }

    private static IEnumerable<(AnomalyKind Kind, string Detail)> CheckContent(
        List<MessageFrame> messages, IReadOnlyList<MessageFrame> log)
    {
        foreach (var message in messages)
        {
            var entry = message.Offset >= 1 && message.Offset <= log.Count ? log[(int)message.Offset - 1] : null;
            if (entry != message)
            {
                yield return (AnomalyKind.NotInLog, $"{Name(message)}; the log has {(entry is null ? "nothing" : Name(entry))} there");
            }
        }
    }

    private static IEnumerable<(AnomalyKind Kind, string Detail)> CheckEnd(
        List<MessageFrame> messages, ContinuityLost? reset, IReadOnlyList<MessageFrame> log)
    {
        var last = messages.Count > 0 ? messages.Max(message => message.Offset) : reset?.To.Offset ?? 0;
        if (last < log.Count)
        {
            yield return (AnomalyKind.LostUnnoticed, $"everything after {last}; the log ends at {log.Count}");
        }
    }

    private static List<(ContinuityLost? Reset, List<MessageFrame> Messages)> Split(IReadOnlyList<RoomEvent> events)
    {
        var segments = new List<(ContinuityLost? Reset, List<MessageFrame> Messages)> { (null, []) };
        foreach (var happened in events)
        {
            switch (happened)
            {
                case ContinuityLost lost:
                    segments.Add((lost, []));
                    break;
                case MessageReceived received:
                    segments[^1].Messages.Add(received.Message.ToFrame());
                    break;
            }
        }

        return segments;
    }

    private static string Name(MessageFrame message) => $"{message.Author}/{message.Id} at {message.Epoch}:{message.Offset}";
}
