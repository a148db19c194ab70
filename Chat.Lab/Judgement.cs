using Chat.Lab.Checking;
using Chat.Lab.Experiments;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>The promises that hold for every experiment, each with what was measured and what it may be.</summary>
internal static class Judgement
{
    public const string AckedShare = "acked of what was sent outside the fault";
    private const string WireHoles = "holes on the wire that a client had to ask for again";
    public const string AckP99 = "from send to ack outside the fault, p99";

    /// <summary>So long after a fault times are not judged as if nothing had been.</summary>
    private const double RecoverySeconds = 5;

    /// <summary>What was sent so shortly before a fault may still have been on its way.</summary>
    private const double LeadSeconds = 0.5;

    /// <summary>What belongs to which promise, and in which words. None of it may be found even once.</summary>
    private static readonly (AnomalyKind Kind, PromiseKind Promise, string What)[] Wrongs =
    [
        (AnomalyKind.AckedButLost, PromiseKind.AckedMeansStored, "acked messages that are nowhere"),
        (AnomalyKind.AckedElsewhere, PromiseKind.AckedMeansStored, "acks that name another position than the message has"),
        (AnomalyKind.RefusedButStored, PromiseKind.AckedMeansStored, "messages refused for good and stored all the same"),
        (AnomalyKind.NeverSent, PromiseKind.AckedMeansStored, "messages that nobody sent"),
        (AnomalyKind.TextChanged, PromiseKind.AckedMeansStored, "messages with another text than was sent"),
        (AnomalyKind.NotKept, PromiseKind.AckedMeansStored, "entries of the log that did not stay"),
        (AnomalyKind.LogNotContiguous, PromiseKind.OneOrder, "entries of the log that are not at their number"),
        (AnomalyKind.NotInLog, PromiseKind.OneOrder, "messages shown at a place where the log has another or none"),
        (AnomalyKind.AgainstLogOrder, PromiseKind.OneOrder, "messages shown after what stands behind them in the log"),
        (AnomalyKind.Inverted, PromiseKind.OneOrder, "pairs of messages seen in two orders"),
        (AnomalyKind.WireDisorder, PromiseKind.OneOrder, "messages sent to a client after what follows them"),
        (AnomalyKind.LostUnnoticed, PromiseKind.NoHoles, "deliveries lost and nobody told"),
        (AnomalyKind.OwnLost, PromiseKind.NoHoles, "messages that their writer was never shown"),
        (AnomalyKind.Skipped, PromiseKind.NoHoles, "offsets jumped, or a view ended before its log"),
        (AnomalyKind.Duplicated, PromiseKind.NoRepeats, "messages shown again"),
        (AnomalyKind.WireRepeat, PromiseKind.NoRepeats, "messages sent to a client again, which dropped them"),
        (AnomalyKind.StoredTwice, PromiseKind.RetriesAreSafe, "messages stored again"),
        (AnomalyKind.WrongRoom, PromiseKind.RoomsAreApart, "messages that came to another room"),
        (AnomalyKind.LostAndTold, PromiseKind.Recovery, "deliveries given up, and told"),
        (AnomalyKind.FalseLeave, PromiseKind.Presence, "people shown as gone who were there"),
        (AnomalyKind.Unseen, PromiseKind.Presence, "people there at the end who were not shown"),
        (AnomalyKind.GhostAtEnd, PromiseKind.Presence, "people shown at the end who were not there"),
        (AnomalyKind.Untold, PromiseKind.FaultsAreTold, "members not told that their room lost messages"),
        (AnomalyKind.FalseAlarm, PromiseKind.NoFalseAlarm, "clients told of a loss that was none"),
        (AnomalyKind.FalseDegraded, PromiseKind.NoFalseAlarm, "clients told that a sound node is degraded"),
    ];

    public static IReadOnlyList<Promise> Of(Outcome outcome, Bounds bounds) =>
        [.. OfLiveness(outcome), .. OfHistory(outcome), .. OfTimes(outcome, bounds)];

    /// <summary>How the promise is worded that this breaks.</summary>
    public static string WhatOf(AnomalyKind kind) => kind == AnomalyKind.WireHole ? WireHoles : Wrongs.Single(wrong => wrong.Kind == kind).What;

    /// <param name="promises">All that were judged, those of the experiment included.</param>
    public static Verdict Colour(Tally tally, IReadOnlyCollection<Promise> promises)
    {
        Promise[] broken = [.. promises.Where(promise => !promise.Holds)];
        var told = tally.Lost > tally.LostUnnoticed || tally.AckedButLost > 0;
        return broken.Length == 0 ? (told ? Verdict.Told : Verdict.Whole)
            : told && broken.All(promise => promise.Kind == PromiseKind.Recovery) ? Verdict.Told
            : Verdict.Broken;
    }

    private static IEnumerable<Promise> OfLiveness(Outcome outcome)
    {
        var sent = outcome.Evidence.Clients.SelectMany(client => client.Sent).ToArray();
        var outside = sent.Where(message => !IsNearFault(outcome, message.SentAt)).ToArray();
        yield return Promise.Reaches(PromiseKind.Liveness, "messages sent", sent.Length, "messages", 1);
        yield return Promise.Reaches(PromiseKind.Liveness, "deliveries due", outcome.Findings.Tally.Expected, "deliveries", 1);
        yield return Promise.Reaches(PromiseKind.Liveness, AckedShare, Share(outside), "%", 100);
        // Whoever is gone for good can be told nothing any more.
        var open = outcome.Evidence.Clients.Where(client => client.Present).SelectMany(client => client.Sent).Count(message => message.Outcome == SendOutcome.Open);
        yield return Promise.AtMost(PromiseKind.Liveness, "sends open at the end", open, "messages", 0);
        yield return Promise.AtMost(PromiseKind.Liveness, "clients that found no node any more", outcome.Findings.Connections.Away, "clients", 0);
        yield return Promise.AtMost(PromiseKind.NoFalseAlarm, "clients told at the end that their node is degraded", outcome.Findings.Connections.Degraded, "clients", 0);
    }

    private static IEnumerable<Promise> OfHistory(Outcome outcome)
    {
        foreach (var (kind, promise, what) in Wrongs)
        {
            yield return Promise.Never(promise, what, outcome.Findings.Count(kind));
        }

        if (outcome.Evidence.Log is not null)
        {
            // Whoever keeps nothing cannot mend a hole: there it is for the client to see it, and to be told.
            yield return Promise.Never(PromiseKind.NoHoles, WireHoles, outcome.Findings.Count(AnomalyKind.WireHole));
        }
    }

    private static IEnumerable<Promise> OfTimes(Outcome outcome, Bounds bounds)
    {
        yield return Promise.AtMost(PromiseKind.Presence, "longest ghost", outcome.Findings.Tally.GhostSeconds, "s", bounds.GhostSeconds + Bounds.SlackSeconds);
        double[] shown = [.. outcome.Findings.Delivered.Where(delivery => !IsNearFault(outcome, delivery.SentAt)).Select(delivery => delivery.DelayMs).Order()];
        double[] acked =
        [
            .. outcome.Evidence.Clients.SelectMany(client => client.Sent)
                .Where(message => message.AckedAt is not null && !IsNearFault(outcome, message.SentAt)).Select(message => (message.AckedAt!.Value - message.SentAt) * 1000).Order(),
        ];
        if (shown.Length > 0)
        {
            yield return Promise.AtMost(PromiseKind.Latency, "from send to shown outside the fault, p99", Outcome.Percentile(shown, 0.99), "ms", bounds.OutsideP99Ms);
        }

        if (acked.Length > 0)
        {
            yield return Promise.AtMost(PromiseKind.Latency, AckP99, Outcome.Percentile(acked, 0.99), "ms", bounds.OutsideP99Ms);
        }

        var over = outcome.Faults.Select(fault => fault.To).DefaultIfEmpty(double.PositiveInfinity).Max();
        double[] after = [.. outcome.Findings.Delivered.Where(delivery => delivery.SentAt >= over).Select(delivery => delivery.DelayMs / 1000)];
        if (after.Length > 0)
        {
            yield return Promise.AtMost(PromiseKind.Latency, "longest from send to shown after the fault", after.Max(), "s", bounds.AfterSeconds);
        }
    }

    private static bool IsNearFault(Outcome outcome, double at) => outcome.Faults.Any(fault => at >= fault.From - LeadSeconds && at <= fault.To + RecoverySeconds);

    /// <summary>Nothing sent there is nothing to judge: that something was sent at all is a promise of its own.</summary>
    private static double Share(SentRecord[] sent) =>
        sent.Length == 0 ? 100 : 100.0 * sent.Count(message => message.Outcome == SendOutcome.Acked) / sent.Length;
}
