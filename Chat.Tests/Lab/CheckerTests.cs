using Chat.Lab.Checking;
using Chat.Lab.Results;
using Chat.Protocol;

namespace Chat.Tests.Lab;

/// <summary>Histories made wrong on purpose, one way at a time: a checker that finds nothing proves nothing.</summary>
public sealed class CheckerTests
{
    private const string Room = "room";
    private const string Epoch = "e";

    private static readonly string[] Ids = ["a-0", "a-1", "a-2", "a-3"];
    private static readonly Evidence Right = Kept(Writer(), Reader("bob", 1, 2, 3, 4), Reader("cleo", 1, 2, 3, 4));

    /// <summary>What is wrong in the evidence, and the kinds that have to be found: these and no others.</summary>
    private static readonly Dictionary<AnomalyKind, (Evidence Evidence, AnomalyKind[] Found)> Wrong = new()
    {
        [AnomalyKind.AckedButLost] = Only(Right with { Log = LogOf(1, 2, 3), Clients = Peopled([Writer(shown: [1, 2, 3]), Reader("bob", 1, 2, 3)]) }, AnomalyKind.AckedButLost, AnomalyKind.OwnLost, AnomalyKind.LostUnnoticed),
        [AnomalyKind.AckedElsewhere] = Only(Kept(Sends(sent => sent with { Stored = new Position(Epoch, sent.Stored!.Offset + 1) })), AnomalyKind.AckedElsewhere),
        [AnomalyKind.RefusedButStored] = Only(Kept(Sends(sent => sent.Id == "a-3" ? sent with { Outcome = SendOutcome.Refused, AckedAt = null, Stored = null } : sent)), AnomalyKind.RefusedButStored),
        [AnomalyKind.StoredTwice] = Only(
            Right with { Log = new Dictionary<string, IReadOnlyList<LogEntry>> { [Room] = [.. LogOf(1, 2, 3, 4)[Room], Entry(4) with { At = new Position(Epoch, 5) }] } },
            AnomalyKind.StoredTwice, AnomalyKind.Skipped),
        [AnomalyKind.NeverSent] = Only(Kept(Writer() with { Sent = [.. Writer().Sent.Take(3)] }), AnomalyKind.NeverSent),
        [AnomalyKind.TextChanged] = Only(Kept(Sends(sent => sent.Id == "a-1" ? sent with { Text = "other" } : sent)), AnomalyKind.TextChanged),
        [AnomalyKind.LogNotContiguous] = Only(Right with { Log = LogOf(1, 2, 4), Clients = Peopled([Writer(shown: [1, 2, 4]), Reader("bob", 1, 2, 4)]) },
            AnomalyKind.LogNotContiguous, AnomalyKind.AckedButLost, AnomalyKind.OwnLost, AnomalyKind.LostUnnoticed, AnomalyKind.Skipped),
        [AnomalyKind.NotKept] = Only(Right with { Kept = [new KeptLog("earlier", new Dictionary<string, IReadOnlyList<LogEntry>> { [Room] = [Entry(1), Entry(3)] })] }, AnomalyKind.NotKept),
        [AnomalyKind.WrongRoom] = Only(Right with { Clients = Peopled([.. Right.Clients.Take(2), Reader("cleo", 1, 2, 3, 4) with { Strays = ["other"] }]) }, AnomalyKind.WrongRoom),
        [AnomalyKind.NotInLog] = Only(Kept(Writer(), Views(Reader("bob", 1, 2, 3, 4), view => view with { Shown = [.. view.Shown.Take(3), view.Shown[3] with { Offset = 5 }] })), AnomalyKind.NotInLog, AnomalyKind.Skipped),
        [AnomalyKind.LostUnnoticed] = Only(Unkept(Writer(), Reader("bob", 1, 2, 3, 4), Unnumbered(Reader("cleo", 1, 2, 4))), AnomalyKind.LostUnnoticed),
        [AnomalyKind.OwnLost] = Only(Unkept(Unnumbered(Writer(shown: [1, 2, 3])), Reader("bob", 1, 2, 3, 4)), AnomalyKind.OwnLost),
        [AnomalyKind.LostAndTold] = Only(Kept(Writer(), Told(Reader("bob", 1, 2), 9, from: 2, to: 4)), AnomalyKind.LostAndTold),
        [AnomalyKind.Skipped] = Only(Right with { Clients = Peopled([Writer() with { Present = false }, Reader("bob", 1, 2, 4) with { Present = false }]) }, AnomalyKind.Skipped),
        [AnomalyKind.Duplicated] = Only(Kept(Writer(), Reader("bob", 1, 2, 2, 3, 4)), AnomalyKind.Duplicated),
        [AnomalyKind.AgainstLogOrder] = Only(Kept(Writer(shown: [2, 1, 3, 4]), Reader("bob", 2, 1, 3, 4)), AnomalyKind.AgainstLogOrder),
        [AnomalyKind.Inverted] = Only(Unkept(Writer(), Unnumbered(Reader("bob", 4, 2, 3, 1))), AnomalyKind.Inverted),
        [AnomalyKind.WireRepeat] = Only(OnTheWire(1, 2, 2, 3, 4), AnomalyKind.WireRepeat),
        [AnomalyKind.WireHole] = Only(OnTheWire(1, 2, 4), AnomalyKind.WireHole),
        [AnomalyKind.WireDisorder] = Only(OnTheWire(1, 3, 2, 4), AnomalyKind.WireDisorder),
        [AnomalyKind.FalseAlarm] = Only(Kept(Writer(), Told(Reader("bob", 1, 2, 3, 4), 9, from: 4, to: 4)), AnomalyKind.FalseAlarm),
        [AnomalyKind.Untold] = Only(
            Right with { Log = LogOf(1, 2), Clients = Peopled([Writer(shown: [1, 2]), Told(Reader("bob", 1, 2), 6, from: 2, to: 2, epoch: "f")]), Loss = new DataLoss(5, 5.5) },
            AnomalyKind.Untold, AnomalyKind.OwnLost),
        [AnomalyKind.FalseLeave] = Only(Unkept(Writer(), Watching("bob", (1, ["ada", "bob"], []), (2, [], ["ada"]), (2.5, ["ada"], []))), AnomalyKind.FalseLeave),
        [AnomalyKind.Unseen] = Only(Unkept(Writer(), Watching("bob", (1, ["bob"], []))), AnomalyKind.Unseen),
        [AnomalyKind.GhostAtEnd] = Only(Unkept(Writer(), Watching("bob", (1, ["ada", "bob", "dan"], []))), AnomalyKind.GhostAtEnd),
        [AnomalyKind.FalseDegraded] = Only(Unkept(Writer(), Reader("bob", 1, 2, 3, 4) with { Statuses = [Status(0, "n1"), Status(3, "n1") with { Degraded = true }, Status(4, "n1")] }), AnomalyKind.FalseDegraded),
    };

    public static TheoryData<string> Kinds => [.. Enum.GetNames<AnomalyKind>()];

    [Fact]
    public void A_right_history_has_nothing_wrong()
    {
        var findings = HistoryChecker.Check(Right);

        Assert.Empty(findings.Anomalies.Kept);
        Assert.Equal((4, 4, 0), (findings.Tally.Sent, findings.Tally.Acked, findings.Tally.Refused));
        Assert.Equal((8, 0), (findings.Tally.Expected, findings.Tally.Lost));
        Assert.All(findings.DelaysMs, delay => Assert.Equal(100, delay, 3));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_wrong_is_found_by_its_name(string name)
    {
        var (evidence, expected) = Wrong[Enum.Parse<AnomalyKind>(name)];

        var found = HistoryChecker.Check(evidence).Anomalies.Kept;

        Assert.Equal(expected.Order(), found.Select(anomaly => anomaly.Kind).Distinct().Order());
    }

    [Fact]
    public void A_message_stored_and_never_acked_is_owed_to_everybody()
    {
        var evidence = Kept(
            Sends(sent => sent.Id == "a-3" ? sent with { AckedAt = null, Stored = null, Outcome = SendOutcome.Open } : sent)[0], Reader("bob", 1, 2, 3));

        var findings = HistoryChecker.Check(evidence);

        Assert.Equal((4, 1, 1), (findings.Tally.Expected, findings.Tally.Lost, findings.Tally.LostUnnoticed));
    }

    [Fact]
    public void A_telling_covers_the_range_that_was_told_and_nothing_else()
    {
        var findings = HistoryChecker.Check(Kept(Writer(), Told(Reader("bob", 1), 9, from: 1, to: 2)));

        // Offsets 2 to 4 were missed, and only 2 was told.
        Assert.Equal((3, 2), (findings.Tally.Lost, findings.Tally.LostUnnoticed));
    }

    [Fact]
    public void Without_numbers_what_was_missed_before_the_last_message_shown_is_not_covered_by_a_later_telling()
    {
        var cleo = Unnumbered(Told(Reader("cleo", 1, 3), 9, from: 0, to: 0));

        var tally = HistoryChecker.Check(Unkept(Unnumbered(Writer(stored: false)), Unnumbered(Reader("bob", 1, 2, 3, 4)), cleo)).Tally;

        // a-1 lies before a-2, which was shown; a-3 after it.
        Assert.Equal((2, 1), (tally.Lost, tally.LostUnnoticed));
    }

    [Fact]
    public void A_message_that_was_retried_for_long_excuses_nothing_that_was_published_before_it()
    {
        // a-2 was sent at 3 s and published at 8 s: what was acked at 4.05 s came before it.
        var writer = Unnumbered(Writer(stored: false));
        writer = writer with { Sent = [.. writer.Sent.Select(sent => sent.Id == "a-2" ? sent with { AckedAt = 8 } : sent)] };
        var bob = Later(Unnumbered(Reader("bob", 1, 2, 4, 3)), "a-2", 8.1);
        var cleo = Later(Unnumbered(Told(Reader("cleo", 1, 2, 3), 9, from: 0, to: 0)), "a-2", 8.1);

        var tally = HistoryChecker.Check(Unkept(Later(writer, "a-2", 8.1), bob, cleo)).Tally;

        Assert.Equal((1, 1), (tally.Lost, tally.LostUnnoticed));
    }

    [Fact]
    public void What_Redis_lost_on_purpose_may_be_lost_if_all_are_told_and_what_was_sent_later_may_not()
    {
        ClientRecord[] told =
        [
            Told(Writer(shown: [1, 2]), 6, from: 2, to: 2, epoch: "f"), Told(Reader("bob", 1, 2), 6, from: 2, to: 2, epoch: "f"),
        ];
        var evidence = Right with { Log = LogOf(1, 2), Clients = Peopled(told) };

        Assert.Empty(HistoryChecker.Check(evidence with { Loss = new DataLoss(5, 5.5) }).Anomalies.Kept);
        Assert.Equal(1, HistoryChecker.Check(evidence with { Loss = new DataLoss(3, 3.5) }).Count(AnomalyKind.AckedButLost));
    }

    [Fact]
    public void What_comes_after_the_log_was_read_the_first_time_is_held_against_its_order_too()
    {
        var late = Views(Reader("bob", 2, 1, 3, 4), view => view with { Shown = [.. view.Shown.Select(shown => shown with { At = 9.9 })] });

        Assert.Equal(1, HistoryChecker.Check(Kept(Writer(), late)).Count(AnomalyKind.AgainstLogOrder));
    }

    [Fact]
    public void Orders_are_compared_over_all_pairs_and_not_only_between_neighbours() =>
        Assert.Equal(6, HistoryChecker.Check(Unkept(Writer(), Unnumbered(Reader("bob", 4, 3, 2, 1)))).Tally.Inversions);

    [Fact]
    public void An_answer_to_a_join_may_begin_anywhere_before_what_the_client_lacks_and_then_leaves_nothing_out_and_repeats_nothing()
    {
        Assert.Empty(Answered(top: 4, 3, 4));
        Assert.Equal([AnomalyKind.WireHole], Answered(top: 4, 4));
        Assert.Equal([AnomalyKind.WireHole], Answered(top: 4, 3));
        Assert.Empty(Answered(top: 4, 2, 3, 4));
        Assert.Equal([AnomalyKind.WireRepeat], Answered(top: 4, 3, 3, 4));
        Assert.Equal([AnomalyKind.WireHole], Answered(top: 4, 2, 4));

        static IEnumerable<AnomalyKind> Answered(long top, params long[] offsets) => Found(
            Views(Reader("bob", 1, 2, 3, 4), view => view with
            {
                Wire = [Joined(0), Live(1), Live(2), Joined(top), .. offsets.Select(offset => Live(offset) with { Kind = WireKind.Answer })],
            }));
    }

    [Fact]
    public void What_was_sent_before_a_member_joined_is_not_expected()
    {
        var late = Views(Reader("cleo", 4), view => view with { JoinedAt = 3.5 });

        var tally = HistoryChecker.Check(Kept(Writer(), late)).Tally;

        Assert.Equal((1, 0), (tally.Expected, tally.Lost));
    }

    [Fact]
    public void Who_has_gone_is_owed_nothing() =>
        Assert.Equal(0, HistoryChecker.Check(Kept(Writer(), Reader("bob") with { Present = false, GoneAt = 1 })).Tally.Expected);

    [Fact]
    public void A_ghost_lives_from_his_going_to_his_leave_or_to_the_end()
    {
        Assert.Equal(4, Haunted((1, ["ghost"], []), (7, [], ["ghost"])), 6);
        Assert.Equal(7, Haunted((1, ["ghost"], [])), 6);

        static double Haunted(params (double At, string[] Joined, string[] Left)[] changes) =>
            HistoryChecker.Check(Unkept(Watching("bob", changes), Reader("ghost") with { Present = false, GoneAt = 3 })).Tally.GhostSeconds;
    }

    [Fact]
    public void In_a_big_room_only_how_many_there_are_is_told_and_that_has_to_be_right()
    {
        Assert.Empty(Found(told: 2));
        Assert.Equal([AnomalyKind.Unseen], Found(told: 1));
        Assert.Equal([AnomalyKind.GhostAtEnd], Found(told: 3));

        static IEnumerable<AnomalyKind> Found(int told)
        {
            var watching = Views(Watching("bob", (1, ["bob"], [])), view => view with { Presence = [.. view.Presence, new PresenceRecord(2, [], [], told)] });
            return HistoryChecker.Check(Unkept(Writer(), watching) with { MembersListedMax = 1 }).Anomalies.Kept.Select(anomaly => anomaly.Kind);
        }
    }

    [Fact]
    public void Who_was_out_of_reach_for_long_may_be_shown_as_gone()
    {
        var watching = Watching("bob", (1, ["ada", "bob"], []), (8, [], ["ada"]), (8.5, ["ada"], []));
        var fault = new FaultSpan(2, 7, "cut", ["n2"]);

        Assert.Equal(1, HistoryChecker.Check(Unkept(Writer(), watching)).Presence.FalseLeaves);
        Assert.Equal(0, HistoryChecker.Check(Unkept(Writer() with { Statuses = [Status(0, "n2")] }, watching) with { Faults = [fault] }).Presence.FalseLeaves);
        Assert.Equal(0, HistoryChecker.Check(Unkept(Writer() with { Statuses = [Status(0, "n1"), Status(3, null), Status(7, "n2")] }, watching)).Presence.FalseLeaves);
    }

    [Fact]
    public void A_gap_lasts_from_the_loss_of_a_connection_to_the_next()
    {
        var bob = Reader("bob", 1, 2, 3, 4) with { Statuses = [Status(0, "n1"), Status(2, null), Status(2.1, null), Status(2.5, "n2")] };

        Assert.Equal([0.5], HistoryChecker.Check(Kept(Writer(), bob)).GapsSeconds.Select(gap => Math.Round(gap, 6)));
    }

    [Fact]
    public void Who_is_on_no_node_any_more_is_away_and_who_just_moves_is_not()
    {
        Assert.Equal(1, Away([Status(0, "n1"), Status(2, null)]));
        Assert.Equal(1, Away([]));
        Assert.Equal(0, Away([Status(0, "n1"), Status(9.5, null)]));

        static int Away(StatusRecord[] statuses) => HistoryChecker.Check(Unkept(Writer(), Reader("bob", 1, 2, 3, 4) with { Statuses = statuses })).Connections.Away;
    }

    private static (Evidence, AnomalyKind[]) Only(Evidence evidence, params AnomalyKind[] found) => (evidence, found);

    private static IEnumerable<AnomalyKind> Found(ClientRecord reader) =>
        HistoryChecker.Check(Kept(Writer(), reader)).Anomalies.Kept.Select(anomaly => anomaly.Kind);

    private static Evidence Kept(params ClientRecord[] clients) => new(Complete(clients), LogOf(1, 2, 3, 4), EndedAt: 10);

    private static Evidence Unkept(params ClientRecord[] clients) => new(Complete(clients), Log: null, EndedAt: 10);

    /// <summary>Somebody else is there, too, and sees everything.</summary>
    private static ClientRecord[] Complete(ClientRecord[] clients) => Peopled(clients.Length > 1 ? clients : [.. clients, Reader("bob", 1, 2, 3, 4)]);

    /// <summary>Whoever says nothing of it sees everybody who is there.</summary>
    private static ClientRecord[] Peopled(params ClientRecord[] clients)
    {
        string[] there = [.. clients.Where(client => client.Present).Select(client => client.User)];
        return [.. clients.Select(client => Views(client, view => view.Presence.Count > 0 ? view : view with { Presence = [new PresenceRecord(0, there, [], there.Length)] }))];
    }

    private static Dictionary<string, IReadOnlyList<LogEntry>> LogOf(params int[] offsets) => new() { [Room] = [.. offsets.Select(Entry)] };

    private static LogEntry Entry(int offset) => new(new Position(Epoch, offset), "ada", Ids[offset - 1], Ids[offset - 1]);

    /// <summary>Sends one message a second from the first second on; each is acked and shown to itself.</summary>
    private static ClientRecord Writer(int[]? shown = null, bool stored = true) => Reader("ada", shown ?? [1, 2, 3, 4]) with
    {
        Sent = [.. Ids.Select((id, index) => new SentRecord(Room, id, index + 1, index + 1.05, new Position(Epoch, stored ? index + 1 : 0), SendOutcome.Acked, id))],
    };

    private static ClientRecord[] Sends(Func<SentRecord, SentRecord> change) => [Writer() with { Sent = [.. Writer().Sent.Select(change)] }];

    /// <summary>Is shown these messages, each a tenth of a second after it was sent.</summary>
    private static ClientRecord Reader(string user, params int[] offsets) => new(
        user,
        [
            new RoomRecord(
                Room,
                JoinedAt: 0,
                [.. offsets.Select(offset => new ShownRecord("ada", Ids[offset - 1], Epoch, offset, offset + 0.1, "", Segment: 0, Ids[offset - 1]))],
                Told: [],
                Presence: []),
        ],
        Sent: [],
        Statuses: [Status(0, "n1")],
        Present: true,
        GoneAt: null);

    private static ClientRecord Views(ClientRecord client, Func<RoomRecord, RoomRecord> change) => client with { Rooms = [.. client.Rooms.Select(change)] };

    private static ClientRecord Unnumbered(ClientRecord client) =>
        Views(client, view => view with { Shown = [.. view.Shown.Select(shown => shown with { Offset = 0 })] });

    private static ClientRecord Later(ClientRecord client, string id, double at) =>
        Views(client, view => view with { Shown = [.. view.Shown.Select(shown => shown.Id == id ? shown with { At = at } : shown)] });

    private static ClientRecord Told(ClientRecord client, double at, long from, long to, string epoch = Epoch) =>
        Views(client, view => view with { Told = [new ToldRecord(at, new Position(Epoch, from), new Position(epoch, to))] });

    private static ClientRecord Watching(string user, params (double At, string[] Joined, string[] Left)[] changes) =>
        Views(Reader(user, 1, 2, 3, 4), view => view with { Presence = [.. changes.Select(change => new PresenceRecord(change.At, change.Joined, change.Left, 0))] });

    private static Evidence OnTheWire(params long[] offsets) => Kept(
        Writer(),
        Views(Reader("bob", 1, 2, 3, 4), view => view with { Wire = [Joined(0), .. offsets.Select(Live)] }));

    private static WireRecord Joined(long top) => new(WireKind.Joined, new Position(Epoch, top), "", "", Recovered: true);

    private static WireRecord Live(long offset) => new(WireKind.Live, new Position(Epoch, offset), "ada", Ids[offset - 1], Recovered: false);

    private static StatusRecord Status(double at, string? node) => new(at, node, Degraded: false, CloseCode: null);
}
