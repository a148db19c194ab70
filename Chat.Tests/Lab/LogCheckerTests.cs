using Chat.Lab.Checking;
using Chat.Protocol;

namespace Chat.Tests.Lab;

/// <summary>Each kind of disagreement with a log, made on purpose, is found, and nothing else.</summary>
public sealed class LogCheckerTests
{
    private const string Room = "room";
    private const string Epoch = "epoch";

    private static readonly LogEntry[] Log = [Entry(1, "a"), Entry(2, "b"), Entry(3, "c")];

    [Fact]
    public void What_agrees_with_the_log_is_left_alone() =>
        Assert.Equal((0, 0, 0, 0, 0), Check(Log, Ada([Sent("a", 1)], Shown("a", "b", "c"))));

    [Fact]
    public void What_is_shown_and_not_stored_is_found() => Assert.Equal((1, 0, 0, 0, 0), Check(Log, Ada([], Shown("a", "x", "b"))));

    [Fact]
    public void What_is_stored_twice_is_found() => Assert.Equal((0, 1, 0, 0, 0), Check([.. Log, Entry(4, "a")], Ada([], Shown("a", "b", "c"))));

    [Fact]
    public void An_ack_with_another_position_is_found() => Assert.Equal((0, 0, 1, 0, 0), Check(Log, Ada([Sent("b", 3)], Shown("a", "b", "c"))));

    [Fact]
    public void An_order_that_all_clients_agree_on_and_the_log_does_not_is_found() => Assert.Equal(
        (0, 0, 0, 2, 0), Check(Log, Ada([], Shown("b", "a", "c")), Ada([], Shown("b", "a", "c")) with { User = "bob" }));

    [Fact]
    public void An_order_that_is_wrong_over_a_distance_is_found() => Assert.Equal((0, 0, 0, 1, 0), Check(Log, Ada([], Shown("b", "c", "a"))));

    [Fact]
    public void Being_told_is_counted_and_what_comes_after_it_may_come_again()
    {
        var view = new RoomRecord(Room, 0, [.. Shown("a", "b", "c"), .. Shown("b", "c").Select(shown => shown with { Segment = 1 })], [new ToldRecord(1, At(3), At(1))], []);

        Assert.Equal((0, 0, 0, 0, 1), Check(Log, Ada([], []) with { Rooms = [view] }));
    }

    private static (int NotInLog, int StoredTwice, int AckedElsewhere, int AgainstLogOrder, int Told) Check(LogEntry[] log, params ClientRecord[] clients)
    {
        var found = LogChecker.Check(new Evidence(clients, new Dictionary<string, IReadOnlyList<LogEntry>> { [Room] = log }, EndedAt: 10));
        Assert.Equal(found.NotInLog + found.StoredTwice + found.AckedElsewhere + found.AgainstLogOrder, found.Anomalies.Count);
        return (found.NotInLog, found.StoredTwice, found.AckedElsewhere, found.AgainstLogOrder, found.Told);
    }

    private static Position At(long offset) => new(Epoch, offset);

    private static LogEntry Entry(long offset, string id) => new(At(offset), "ada", id);

    private static SentRecord Sent(string id, long offset) => new(Room, id, 0, 0.1, At(offset), Refused: false);

    private static ShownRecord[] Shown(params string[] ids) => [.. ids.Select((id, index) => new ShownRecord("ada", id, Epoch, index + 1, 0.5, "", Segment: 0))];

    private static ClientRecord Ada(SentRecord[] sent, ShownRecord[] shown) =>
        new("ada", [new RoomRecord(Room, 0, shown, [], [])], sent, [], Present: true, GoneAt: null);
}
