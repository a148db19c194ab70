using Chat.Lab.Checking;
using Chat.Protocol;

namespace Chat.Tests.Lab;

/// <summary>Histories made wrong on purpose: a checker that finds nothing proves nothing.</summary>
public sealed class CrowdCheckerTests
{
    private const string Room = "room";

    private static readonly string[] Ids = ["a-0", "a-1", "a-2", "a-3"];

    [Fact]
    public void A_right_history_has_nothing_wrong()
    {
        var findings = Check(Writer(), Reader("bob", Ids), Reader("cleo", Ids));

        Assert.Empty(findings.Anomalies);
        Assert.Equal((4, 4, 0), (findings.Tally.Sent, findings.Tally.Acked, findings.Tally.Refused));
        Assert.Equal((8, 0), (findings.Tally.Expected, findings.Tally.Lost));
        Assert.All(findings.DelaysMs, delay => Assert.Equal(100, delay, 3));
    }

    [Fact]
    public void A_message_that_one_member_never_saw_is_lost_unnoticed()
    {
        var tally = Check(Writer(), Reader("bob", Ids), Reader("cleo", ["a-0", "a-1", "a-3"], numbered: false)).Tally;

        Assert.Equal((1, 1, 0), (tally.Lost, tally.LostUnnoticed, tally.Skips));
    }

    [Fact]
    public void A_loss_that_was_told_is_noticed()
    {
        var cleo = Reader("cleo", ["a-0", "a-1"]);
        var told = cleo with { Rooms = [cleo.Rooms[0] with { Told = [new ToldRecord(9, new Position("e", 2), new Position("e", 4))] }] };

        var tally = Check(Writer(), Reader("bob", Ids), told).Tally;

        Assert.Equal((2, 0), (tally.Lost, tally.LostUnnoticed));
    }

    [Fact]
    public void What_was_missed_before_the_last_message_shown_is_not_covered_by_a_later_telling()
    {
        var cleo = Reader("cleo", ["a-0", "a-2"], numbered: false);
        var told = cleo with { Rooms = [cleo.Rooms[0] with { Told = [new ToldRecord(9, new Position("e", 0), new Position("e", 0))] }] };

        var tally = Check(Writer(), Reader("bob", Ids), told).Tally;

        // a-1 lies before a-2, which was shown; a-3 after it.
        Assert.Equal((2, 1), (tally.Lost, tally.LostUnnoticed));
    }

    [Fact]
    public void An_acked_message_that_is_nowhere_is_found_without_a_history()
    {
        var tally = Check(Writer(), Reader("bob", Ids[..3]), Reader("cleo", Ids[..3])).Tally;

        Assert.Equal(1, tally.AckedButLost);
    }

    [Fact]
    public void An_acked_message_that_the_history_lacks_is_found_though_it_was_shown()
    {
        var log = new Dictionary<string, IReadOnlyList<LogEntry>>
        {
            [Room] = [.. Ids[..3].Select((id, index) => new LogEntry(new Position("epoch", index + 1), "ada", id))],
        };

        var tally = CrowdChecker.Check(new Evidence([Writer(), Reader("bob", Ids)], log, EndedAt: 10)).Tally;

        Assert.Equal((1, 0), (tally.AckedButLost, tally.Lost));
    }

    [Fact]
    public void A_message_shown_twice_is_found() =>
        Assert.Equal(1, Check(Writer(), Reader("bob", ["a-0", "a-1", "a-1", "a-2", "a-3"], numbered: false)).Tally.Duplicates);

    [Fact]
    public void What_is_shown_again_after_a_telling_is_a_new_view_and_no_repeat()
    {
        var bob = Reader("bob", Ids);
        var again = bob.Rooms[0].Shown.Select(shown => shown with { Segment = 1, At = 9.5 });
        var reset = bob with
        {
            Rooms = [bob.Rooms[0] with { Shown = [.. bob.Rooms[0].Shown, .. again], Told = [new ToldRecord(9, new Position("e", 4), new Position("f", 4))] }],
        };

        Assert.Equal(0, Check(Writer(), reset).Tally.Duplicates);
    }

    [Fact]
    public void Two_orders_are_found() =>
        Assert.NotEqual(0, Check(Writer(), Reader("bob", Ids, numbered: false), Reader("cleo", ["a-1", "a-0", "a-2", "a-3"], numbered: false)).Tally.Inversions);

    [Fact]
    public void Offsets_that_jump_are_found()
    {
        var tally = Check(Writer(), Reader("bob", ["a-0", "a-1", "a-3"], [1, 2, 4])).Tally;

        Assert.Equal((1, 1), (tally.Skips, tally.LostUnnoticed));
    }

    [Fact]
    public void A_writer_who_never_sees_his_own_message_is_found()
    {
        var writer = Writer();
        var blind = writer with { Rooms = [writer.Rooms[0] with { Shown = [.. writer.Rooms[0].Shown.Take(3)] }] };

        Assert.Equal((0, 1), (Check(blind, Reader("bob", Ids)).Tally.Lost, Check(blind, Reader("bob", Ids)).Tally.OwnLost));
    }

    [Fact]
    public void What_was_sent_before_a_member_joined_is_not_expected()
    {
        var late = Reader("cleo", ["a-3"], [4]);

        var tally = Check(Writer(), late with { Rooms = [late.Rooms[0] with { JoinedAt = 3.5 }] }).Tally;

        Assert.Equal((1, 0), (tally.Expected, tally.Lost));
    }

    [Fact]
    public void Who_has_gone_is_owed_nothing() =>
        Assert.Equal(0, Check(Writer(), Reader("bob", []) with { Present = false, GoneAt = 1 }).Tally.Expected);

    [Fact]
    public void A_message_never_acked_is_owed_to_nobody()
    {
        var writer = Writer();
        var refused = writer with { Sent = [.. writer.Sent, new SentRecord(Room, "a-4", 5, null, null, Refused: true)] };

        var tally = Check(refused, Reader("bob", Ids)).Tally;

        Assert.Equal((1, 4, 0), (tally.Refused, tally.Expected, tally.Lost));
    }

    [Fact]
    public void A_ghost_lives_from_his_going_to_his_leave()
    {
        var observer = Reader("bob", []);
        var watching = observer with { Rooms = [observer.Rooms[0] with { Presence = [new PresenceRecord(1, ["ghost"], []), new PresenceRecord(7, [], ["ghost"])] }] };

        var findings = Check(watching, Gone("ghost", 3));

        Assert.Equal(4, findings.Tally.GhostSeconds, 6);
        Assert.Equal(0, findings.FalseLeaves);
    }

    [Fact]
    public void A_ghost_that_never_leaves_lives_to_the_end()
    {
        var observer = Reader("bob", []);
        var watching = observer with { Rooms = [observer.Rooms[0] with { Presence = [new PresenceRecord(1, ["ghost"], [])] }] };

        Assert.Equal(7, Check(watching, Gone("ghost", 3)).Tally.GhostSeconds, 6);
    }

    [Fact]
    public void Who_is_shown_as_gone_and_is_there_is_found()
    {
        var observer = Reader("bob", []);
        var watching = observer with { Rooms = [observer.Rooms[0] with { Presence = [new PresenceRecord(1, ["cleo"], []), new PresenceRecord(2, [], ["cleo"])] }] };

        Assert.Equal(1, Check(watching, Reader("cleo", [])).FalseLeaves);
    }

    [Fact]
    public void A_gap_lasts_from_the_loss_of_a_connection_to_the_next()
    {
        var bob = Reader("bob", Ids) with
        {
            Statuses = [Status(0, "n1"), Status(2, null), Status(2.1, null), Status(2.5, "n2")],
        };

        Assert.Equal([0.5], Check(Writer(), bob).GapsSeconds.Select(gap => Math.Round(gap, 6)));
    }

    private static Findings Check(params ClientRecord[] clients) => CrowdChecker.Check(new Evidence(clients, Log: null, EndedAt: 10));

    /// <summary>Sends one message a second from the first second on; each is acked and shown to itself.</summary>
    private static ClientRecord Writer() => Reader("ada", Ids) with
    {
        Sent = [.. Ids.Select((id, index) => new SentRecord(Room, id, index + 1, index + 1.05, new Position("e", index + 1), Refused: false))],
    };

    /// <summary>Is shown these messages, each a tenth of a second after it was sent.</summary>
    private static ClientRecord Reader(string user, string[] ids, bool numbered = true) =>
        Reader(user, ids, [.. ids.Select((_, index) => numbered ? index + 1L : 0)]);

    private static ClientRecord Reader(string user, string[] ids, long[] offsets) => new(
        user,
        [
            new RoomRecord(
                Room,
                JoinedAt: 0,
                [.. ids.Select((id, index) => new ShownRecord("ada", id, "e", offsets[index], Array.IndexOf(Ids, id) + 1.1, "", Segment: 0))],
                Told: [],
                Presence: []),
        ],
        Sent: [],
        Statuses: [Status(0, "n1")],
        Present: true,
        GoneAt: null);

    private static ClientRecord Gone(string user, double at) => Reader(user, []) with { Present = false, GoneAt = at };

    private static StatusRecord Status(double at, string? node) => new(at, node, Degraded: false, CloseCode: null);
}
