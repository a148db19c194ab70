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
    private static readonly Tally Whole = Tally.Nothing with { Sent = 10, Acked = 10, Expected = 20 };

    [Fact]
    public void A_history_in_which_nothing_is_wrong_breaks_no_promise()
    {
        Assert.Empty(Judgement.Of(Of(Whole), redisKeepsData: true));
        Assert.Equal(Verdict.Whole, Judgement.Colour(Whole, []));
    }

    [Fact]
    public void Every_kind_of_wrong_breaks_a_promise()
    {
        Tally[] wrongs =
        [
            Whole with { AckedButLost = 1 }, Whole with { Lost = 1, LostUnnoticed = 1 }, Whole with { OwnLost = 1 }, Whole with { Skips = 1 },
            Whole with { Lost = 1 }, Whole with { Duplicates = 1 }, Whole with { Inversions = 1 }, Whole with { GhostSeconds = 60 },
        ];

        Assert.All(wrongs, wrong =>
        {
            var broken = Judgement.Of(Of(wrong), redisKeepsData: true).ToArray();
            Assert.Single(broken);
            Assert.NotEqual(Verdict.Whole, Judgement.Colour(wrong, broken));
        });
    }

    [Fact]
    public void What_Redis_lost_may_be_lost_and_is_not_called_whole()
    {
        var lost = Whole with { AckedButLost = 3 };

        Assert.Empty(Judgement.Of(Of(lost), redisKeepsData: false));
        Assert.Equal(Verdict.Told, Judgement.Colour(lost, []));
    }

    [Theory]
    [InlineData(3.0, 6.0, 0)]
    [InlineData(3.0, 1.0, 1)]
    [InlineData(3.0, null, 1)]
    [InlineData(9.0, 10.0, 1)]
    public void Whoever_is_in_a_room_that_lost_messages_is_told_after_the_fault_and_nothing_is_lost_later(double sentAt, double? toldAt, int expected)
    {
        var told = toldAt is { } at ? new[] { new ToldRecord(at, new Position("a", 5), new Position("b", 1)) } : [];
        var client = new ClientRecord(
            "ada", [new RoomRecord(Room, 0, [], told, [])], [new SentRecord(Room, "1", sentAt, sentAt + 0.1, new Position("a", 6), Refused: false)], [], Present: true, GoneAt: null);
        var outcome = Of(Whole, client) with { Faults = [new FaultSpan(2, 4, "failover"), new FaultSpan(4, 5, "failover")] };

        Assert.Equal(expected, Untold.Of(outcome).Count());
    }

    private static Outcome Of(Tally tally, params ClientRecord[] clients)
    {
        var parameters = LabParameters.Usual;
        var evidence = new Evidence(clients, new Dictionary<string, IReadOnlyList<LogEntry>> { [Room] = [] }, EndedAt: 20);
        return new Outcome(
            new Setting("log", parameters, new ClusterPlan(), Load.Of(parameters)),
            evidence,
            CrowdChecker.Check(evidence) with { Tally = tally },
            new Dictionary<string, double>(),
            []);
    }
}
