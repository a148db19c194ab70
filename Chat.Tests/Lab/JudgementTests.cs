using Chat.Lab;
using Chat.Lab.Checking;
using Chat.Lab.Cluster;
using Chat.Lab.Experiments;
using Chat.Lab.Results;
using Chat.Protocol;

namespace Chat.Tests.Lab;

/// <summary>What a guard stops at, on evidence made up for it.</summary>
public sealed class JudgementTests
{
    private const string Room = "room";

    public static TheoryData<string> Kinds => [.. Enum.GetNames<AnomalyKind>()];

    [Fact]
    public void A_history_in_which_nothing_is_wrong_breaks_no_promise()
    {
        var promises = Judge(Talk());

        Assert.All(promises, promise => Assert.True(promise.Holds, promise.ToString()));
        Assert.Equal(Verdict.Whole, Judgement.Colour(HistoryChecker.Check(Talk()).Tally, promises));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_wrong_breaks_one_promise_in_its_own_words(string name)
    {
        var kind = Enum.Parse<AnomalyKind>(name);
        var findings = HistoryChecker.Check(Talk());
        findings.Anomalies.Add(kind, Room, () => "made up");

        var broken = Assert.Single(Judgement.Of(Of(Talk(), findings), Bounds.Usual), promise => !promise.Holds);

        Assert.Equal(Judgement.WhatOf(kind), broken.What);
        Assert.Equal((1, 0), (broken.Measured, broken.Bound));
        Assert.Contains($"{broken.What}: 1", broken.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_that_does_nothing_is_not_whole()
    {
        var silent = Talk() with { Clients = [.. Talk().Clients.Select(client => client with { Sent = [], Rooms = [.. client.Rooms.Select(room => room with { Shown = [] })] })], Log = new Dictionary<string, IReadOnlyList<LogEntry>>() };

        Assert.Equal(["messages sent", "deliveries due"], Broken(silent));
    }

    [Fact]
    public void A_cluster_that_takes_nothing_is_not_whole()
    {
        var refusing = Sends(sent => sent with { AckedAt = null, Stored = null, Outcome = SendOutcome.Open });

        Assert.Contains(Judgement.AckedShare, Broken(refusing));
        Assert.Contains("sends open at the end", Broken(refusing));
    }

    [Fact]
    public void Late_is_broken_outside_a_fault_and_some_time_after_it_and_excused_within()
    {
        var late = Late(3);

        Assert.Contains("from send to shown outside the fault, p99", Broken(late));
        Assert.DoesNotContain("from send to shown outside the fault, p99", Broken(late with { Faults = [new FaultSpan(0, 8, "cut")] }));
        Assert.DoesNotContain("longest from send to shown after the fault", Broken(late with { Faults = [new FaultSpan(0, 1, "cut")] }));
        Assert.Contains("longest from send to shown after the fault", Broken(Late(6) with { Faults = [new FaultSpan(0, 1, "cut")] }));
    }

    [Fact]
    public void A_late_ack_is_broken_outside_a_fault() => Assert.Equal([Judgement.AckP99], Broken(Sends(sent => sent with { AckedAt = sent.SentAt + 2 })));

    [Fact]
    public void A_ghost_may_live_for_one_lease_and_what_noting_it_takes()
    {
        var findings = HistoryChecker.Check(Talk());

        Assert.True(Ghost(findings, 6));
        Assert.False(Ghost(findings, 6.1));
    }

    [Fact]
    public void What_was_given_up_and_told_is_no_whole_cell_and_no_silent_one()
    {
        var tally = Tally.Nothing with { Sent = 10, Acked = 10, Expected = 20, Lost = 1 };
        Promise[] recovery = [Promise.Never(PromiseKind.Recovery, "given up", 1)];

        Assert.Equal(Verdict.Told, Judgement.Colour(tally, recovery));
        Assert.Equal(Verdict.Told, Judgement.Colour(tally, []));
        Assert.Equal(Verdict.Broken, Judgement.Colour(tally, [.. recovery, Promise.Never(PromiseKind.NoRepeats, "again", 1)]));
        Assert.Equal(Verdict.Broken, Judgement.Colour(Tally.Nothing, recovery));
    }

    [Fact]
    public void What_could_not_be_measured_does_not_hold()
    {
        Assert.False(Promise.AtMost(PromiseKind.Leaving, "drain", double.NaN, "s", 30).Holds);
        Assert.False(Promise.Reaches(PromiseKind.Leaving, "told", double.NaN, "%", 100).Holds);
    }

    private static bool Ghost(Findings findings, double seconds) =>
        Judgement.Of(Of(Talk(), findings with { Tally = findings.Tally with { GhostSeconds = seconds } }), Bounds.Usual).Single(promise => promise.What == "longest ghost").Holds;

    private static string[] Broken(Evidence evidence) => [.. Judge(evidence).Where(promise => !promise.Holds).Select(promise => promise.What)];

    private static IReadOnlyList<Promise> Judge(Evidence evidence) => Judgement.Of(Of(evidence, HistoryChecker.Check(evidence)), Bounds.Usual);

    private static Outcome Of(Evidence evidence, Findings findings) => new(
        new Setting("log", LabParameters.Usual, new ClusterPlan(), Load.Of(LabParameters.Usual)), evidence, findings, new Dictionary<string, double>());

    private static Evidence Sends(Func<SentRecord, SentRecord> change) => Talk() with
    {
        Clients = [.. Talk().Clients.Select(client => client with { Sent = [.. client.Sent.Select(change)] })],
    };

    private static Evidence Late(double seconds) => Talk() with
    {
        Clients =
        [
            .. Talk().Clients.Select(client => client with
            {
                Rooms = [.. client.Rooms.Select(room => room with { Shown = [.. room.Shown.Select(shown => shown with { At = shown.At + seconds })] })],
            }),
        ],
    };

    /// <summary>Ada writes one message a second for nine seconds, and Bob is shown it at once.</summary>
    private static Evidence Talk()
    {
        int[] offsets = [.. Enumerable.Range(1, 9)];
        RoomRecord view = new(
            Room, 0, [.. offsets.Select(offset => new ShownRecord("ada", $"{offset}", "e", offset, offset + 0.1, "", 0, "text"))], [], [new PresenceRecord(0, ["ada", "bob"], [], 2)]);
        SentRecord[] sent = [.. offsets.Select(offset => new SentRecord(Room, $"{offset}", offset, offset + 0.05, new Position("e", offset), SendOutcome.Acked, "text"))];
        StatusRecord[] connected = [new(0, "n1", Degraded: false, CloseCode: null)];
        return new Evidence(
            [new ClientRecord("ada", [view], sent, connected, Present: true, GoneAt: null), new ClientRecord("bob", [view], [], connected, Present: true, GoneAt: null)],
            new Dictionary<string, IReadOnlyList<LogEntry>> { [Room] = [.. offsets.Select(offset => new LogEntry(new Position("e", offset), "ada", $"{offset}", "text"))] },
            EndedAt: 20);
    }
}
