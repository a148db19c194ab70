using Chat.Lab.Results;

namespace Chat.Lab.Checking;

/// <summary>
/// Holds what was sent, acked, refused, shown, told and stored against each other, in every direction. Finds everything that is wrong, not
/// only the first. By author and id wherever it can: so it judges strategies that number nothing, too.
/// </summary>
internal static class HistoryChecker
{
    public static Findings Check(Evidence evidence)
    {
        var anomalies = new Anomalies();
        var sent = evidence.Clients
            .SelectMany(client => client.Sent.Select(record => new Sent(client.User, record)))
            .ToDictionary(message => message.Key);
        string[] names = [.. evidence.Clients.SelectMany(client => client.Rooms.Select(room => room.Room)).Concat(evidence.Log?.Keys ?? []).Distinct()];
        RoomEvidence[] rooms = [.. names.Select(name => new RoomEvidence(name, evidence, sent))];
        DeliveryFindings[] deliveries = [.. rooms.Select(room => CheckRoom(room, anomalies))];
        foreach (var client in evidence.Clients)
        {
            foreach (var stray in client.Strays)
            {
                anomalies.Add(AnomalyKind.WrongRoom, stray, () => $"{client.User} was sent a message of it, and is not in it");
            }
        }

        var presence = PresenceChecker.Check(evidence, anomalies);
        LostDelivery[] lost = [.. deliveries.SelectMany(room => room.Lost)];
        return new Findings(
            Sum([.. sent.Values], deliveries, anomalies, presence),
            anomalies,
            lost,
            [.. deliveries.SelectMany(room => room.Delivered)],
            [.. evidence.Clients.Where(client => client.Present).SelectMany(client => ConnectionChecker.Gaps(client, evidence.EndedAt)).Order()],
            presence,
            ConnectionChecker.Check(evidence, anomalies));
    }

    private static DeliveryFindings CheckRoom(RoomEvidence room, Anomalies anomalies)
    {
        LogChecker.Check(room, anomalies);
        foreach (var view in room.Views)
        {
            ViewChecker.Check(room, view, anomalies);
            WireChecker.Check(room.Room, view, anomalies);
        }

        OrderChecker.Check(room, anomalies);
        var deliveries = DeliveryChecker.Check(room, anomalies);
        TellingChecker.Check(room, deliveries, anomalies);
        return deliveries;
    }

    private static Tally Sum(Sent[] sent, DeliveryFindings[] deliveries, Anomalies anomalies, PresenceFindings presence) => new(
        sent.Length,
        sent.Count(message => message.Record.Outcome == SendOutcome.Acked),
        sent.Count(message => message.Record.Outcome != SendOutcome.Acked),
        deliveries.Sum(room => room.Expected),
        deliveries.Sum(room => (long)room.Lost.Count),
        deliveries.Sum(room => (long)room.Lost.Count(delivery => !delivery.Noticed)),
        deliveries.Sum(room => room.AckedButLost),
        anomalies.Count(AnomalyKind.Duplicated),
        anomalies.Count(AnomalyKind.Inverted),
        anomalies.Count(AnomalyKind.Skipped),
        presence.GhostSeconds,
        (int)anomalies.Count(AnomalyKind.OwnLost));
}
