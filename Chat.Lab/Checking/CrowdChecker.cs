using Chat.Lab.Results;

namespace Chat.Lab.Checking;

/// <summary>
/// Holds what clients sent, were acked and were shown against each other and against the rooms' histories, by author and id alone: so
/// it judges strategies that number nothing, too. The names of what it finds are Maelstrom's (kafka and broadcast workloads).
/// </summary>
internal static class CrowdChecker
{
    /// <summary>So many receivers of one room are compared with each other: each with each.</summary>
    private const int ComparedMax = 40;

    public static Findings Check(Evidence evidence)
    {
        var rooms = evidence.Clients.SelectMany(client => client.Rooms.Select(room => room.Room)).Distinct()
            .Select(room => CheckRoom(room, evidence)).ToArray();
        var (ghost, falseLeaves) = PresenceChecker.Check(evidence);
        var log = LogChecker.Check(evidence);
        var sent = evidence.Clients.SelectMany(client => client.Sent).ToArray();
        var lost = rooms.SelectMany(room => room.Lost).ToArray();
        var tally = new Tally(
            sent.Length,
            sent.Count(message => message.AckedAt is not null),
            sent.Count(message => message.AckedAt is null),
            rooms.Sum(room => room.Expected),
            lost.Length,
            lost.Count(delivery => !delivery.Noticed),
            rooms.Sum(room => room.AckedButLost),
            rooms.Sum(room => (long)room.Duplicates),
            rooms.Sum(room => (long)room.Inversions),
            rooms.Sum(room => (long)room.Skips),
            ghost,
            rooms.Sum(room => room.OwnLost));
        return new Findings(
            tally,
            [.. rooms.SelectMany(room => room.Anomalies), .. log.Anomalies],
            lost,
            [.. rooms.SelectMany(room => room.DelaysMs).Order()],
            [.. evidence.Clients.Where(client => client.Present).SelectMany(client => Gaps(client, evidence.EndedAt)).Order()],
            falseLeaves,
            log);
    }

    private static RoomFindings CheckRoom(string room, Evidence evidence)
    {
        var findings = new RoomFindings(room);
        var receivers = (
            from client in evidence.Clients
            where client.Present
            from view in client.Rooms
            where view.Room == room && view.JoinedAt is not null
            select new Receiver(client, view)).ToArray();
        var acked = (
            from client in evidence.Clients
            from message in client.Sent
            where message.Room == room && message.AckedAt is not null
            select (Author: client.User, Message: message)).ToArray();
        var sentAt = evidence.Clients
            .SelectMany(client => client.Sent.Select(message => (Key: (client.User, message.Id), message.SentAt)))
            .ToDictionary(entry => entry.Key, entry => entry.SentAt);
        foreach (var receiver in receivers)
        {
            CheckDeliveries(receiver, acked, sentAt, findings);
            CheckRepeats(receiver, findings);
        }

        CheckKept(receivers, [.. acked.Where(sent => sent.Message.AckedAt < evidence.HistoryAt)], evidence.History?.GetValueOrDefault(room), findings);
        CheckOrder(receivers, findings);
        return findings;
    }

    private static void CheckDeliveries(
        Receiver receiver,
        (string Author, SentRecord Message)[] acked,
        Dictionary<(string Author, string Id), double> sentAt,
        RoomFindings findings)
    {
        foreach (var (author, message) in acked)
        {
            if (message.SentAt <= receiver.View.JoinedAt)
            {
                continue;
            }

            var own = author == receiver.Client.User;
            var shown = receiver.First.TryGetValue((author, message.Id), out var index);
            findings.Expected += own ? 0 : 1;
            if (shown && !own)
            {
                findings.DelaysMs.Add((receiver.View.Shown[index].At - message.SentAt) * 1000);
            }

            if (shown)
            {
                continue;
            }

            var noticed = IsNoticed(receiver.View, message.SentAt, sentAt);
            if (!own)
            {
                findings.Lost.Add(new LostDelivery(receiver.Client.User, author, message.Id, message.SentAt, noticed));
            }

            if (!noticed)
            {
                findings.OwnLost += own ? 1 : 0;
                findings.Note($"{receiver.Client.User} never saw {author}/{message.Id}, sent at {message.SentAt:0.00} s, and was told nothing");
            }
        }
    }

    /// <summary>
    /// A loss that was told lies between the last message shown before and the telling: what was sent before that message, and
    /// missed, is not covered by it.
    /// </summary>
    private static bool IsNoticed(RoomRecord view, double lostAt, Dictionary<(string Author, string Id), double> sentAt)
    {
        foreach (var (told, index) in view.Told.Select((told, index) => (told, index)))
        {
            var before = view.Shown.LastOrDefault(shown => shown.Segment <= index);
            var from = before is null ? 0 : sentAt.GetValueOrDefault((before.Author, before.Id));
            if (lostAt <= told.At && lostAt >= from)
            {
                return true;
            }
        }

        return false;
    }

    private static void CheckRepeats(Receiver receiver, RoomFindings findings)
    {
        foreach (var segment in receiver.View.Shown.GroupBy(shown => shown.Segment))
        {
            var seen = new HashSet<(string, string)>();
            ShownRecord? last = null;
            foreach (var shown in segment)
            {
                if (!seen.Add((shown.Author, shown.Id)))
                {
                    findings.Duplicates++;
                    findings.Note($"{receiver.Client.User} saw {shown.Author}/{shown.Id} again at {shown.At:0.00} s");
                }

                if (last is { Offset: > 0 } && shown.Epoch == last.Epoch && shown.Offset > last.Offset + 1)
                {
                    findings.Skips++;
                    findings.Note($"{receiver.Client.User} saw offset {shown.Offset} after {last.Offset}");
                }

                last = shown;
            }
        }
    }

    /// <summary>What was acked is in the history; where there is none, somebody else was shown it.</summary>
    private static void CheckKept(
        Receiver[] receivers,
        (string Author, SentRecord Message)[] acked,
        IReadOnlySet<(string Author, string Id)>? history,
        RoomFindings findings)
    {
        foreach (var (author, message) in acked)
        {
            var key = (author, message.Id);
            var kept = history?.Contains(key)
                ?? receivers.Any(receiver => receiver.Client.User != author && receiver.First.ContainsKey(key));
            if (!kept)
            {
                findings.AckedButLost++;
                findings.Note($"{author}/{message.Id} was acked at {message.AckedAt:0.00} s and is nowhere");
            }
        }
    }

    private static void CheckOrder(Receiver[] receivers, RoomFindings findings)
    {
        var compared = receivers.Take(ComparedMax).ToArray();
        foreach (var receiver in compared)
        {
            for (var i = 1; i < receiver.Order.Length; i++)
            {
                var (former, latter) = (receiver.Order[i - 1], receiver.Order[i]);
                var other = Array.Find(
                    compared,
                    other => other.First.TryGetValue(former, out var first) && other.First.TryGetValue(latter, out var second) && second < first);
                if (other is not null)
                {
                    findings.Inversions++;
                    findings.Note($"{receiver.Client.User} saw {former.Id} before {latter.Id}, {other.Client.User} the other way round");
                }
            }
        }
    }

    private static IEnumerable<double> Gaps(ClientRecord client, double endedAt)
    {
        double? lostAt = null;
        var wasConnected = false;
        foreach (var status in client.Statuses)
        {
            if (status.Node is null && wasConnected)
            {
                lostAt ??= status.At;
            }
            else if (status.Node is not null)
            {
                wasConnected = true;
                if (lostAt is { } from)
                {
                    lostAt = null;
                    yield return status.At - from;
                }
            }
        }

        if (lostAt is { } never)
        {
            yield return endedAt - never;
        }
    }

    private sealed class Receiver
    {
        public Receiver(ClientRecord client, RoomRecord view)
        {
            (Client, View) = (client, view);
            var order = new List<(string Author, string Id)>();
            for (var i = 0; i < view.Shown.Count; i++)
            {
                var key = (view.Shown[i].Author, view.Shown[i].Id);
                if (First.TryAdd(key, i))
                {
                    order.Add(key);
                }
            }

            Order = [.. order];
        }

        public ClientRecord Client { get; }

        public RoomRecord View { get; }

        /// <summary>Where each message stands in the view, the first time.</summary>
        public Dictionary<(string Author, string Id), int> First { get; } = [];

        public (string Author, string Id)[] Order { get; }
    }

    private sealed class RoomFindings(string room)
    {
        public long Expected { get; set; }

        public int OwnLost { get; set; }

        public int AckedButLost { get; set; }

        public int Duplicates { get; set; }

        public int Inversions { get; set; }

        public int Skips { get; set; }

        public List<LostDelivery> Lost { get; } = [];

        public List<double> DelaysMs { get; } = [];

        public List<string> Anomalies { get; } = [];

        public void Note(string anomaly) => Anomalies.Add($"{room}: {anomaly}");
    }
}
