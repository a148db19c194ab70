using Chat.Client;
using Chat.Lab.Checking;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Tests.Cluster.Checking;

/// <summary>Histories made wrong on purpose: a checker that finds nothing proves nothing.</summary>
public sealed class HistoryCheckerTests
{
    private static readonly RoomHistory Right = History();

    [Fact]
    public void A_right_history_has_no_anomaly() => Assert.Empty(Right.Check());

    [Fact]
    public void An_unacked_message_may_be_stored_or_not() =>
        Assert.Empty((Right with { Sent = [.. Right.Sent, new("ada", "extra", "x", Acked: null)] }).Check());

    [Fact]
    public void A_view_may_begin_late_and_end_early() =>
        Assert.Empty(Shown([3, 4], present: false).Check());

    [Fact]
    public void Acked_and_not_in_the_log_is_found() => Finds(
        AnomalyKind.AckedButLost, Right with { Sent = [.. Right.Sent, new("ada", "gone", "x", new Position("e", 9))] });

    [Fact]
    public void An_ack_that_names_another_place_is_found() => Finds(
        AnomalyKind.AckedElsewhere, Right with { Sent = [Right.Sent[0] with { Acked = new Position("e", 2) }, .. Right.Sent.Skip(1)] });

    [Fact]
    public void A_message_stored_twice_is_found() => Finds(
        AnomalyKind.StoredTwice, Right with { Log = [.. Right.Log, Right.Log[0] with { Offset = 6 }], Views = [] });

    [Fact]
    public void A_message_that_nobody_sent_is_found() => Finds(AnomalyKind.NeverSent, Right with { Sent = [.. Right.Sent.Skip(1)] });

    [Fact]
    public void A_log_with_a_hole_is_found() => Assert.Contains(
        (Right with { Log = [Right.Log[0], .. Right.Log.Skip(2)], Views = [] }).Check(),
        anomaly => anomaly.Kind == AnomalyKind.LogNotContiguous);

    [Fact]
    public void A_hole_in_a_view_is_found() => Finds(AnomalyKind.Skipped, Shown([1, 2, 4, 5]));

    [Fact]
    public void A_view_that_misses_the_end_is_found() => Finds(AnomalyKind.Skipped, Shown([1, 2, 3, 4]));

    [Fact]
    public void A_view_that_shows_nothing_is_found() => Finds(AnomalyKind.Skipped, Shown([]));

    [Fact]
    public void A_message_shown_twice_is_found() => Finds(AnomalyKind.Duplicated, Shown([1, 2, 2, 3, 4, 5]));

    [Fact]
    public void A_message_shown_again_later_is_found() => Finds(AnomalyKind.Duplicated, Shown([1, 2, 3, 1, 4, 5]));

    [Fact]
    public void Messages_in_another_order_are_found() => Assert.Contains(
        Shown([1, 3, 2, 4, 5]).Check(), anomaly => anomaly.Kind == AnomalyKind.AgainstLogOrder);

    [Fact]
    public void A_message_shown_with_another_text_is_found() => Finds(
        AnomalyKind.TextChanged,
        Right with { Views = [View([.. Right.Log.Take(4), Right.Log[4] with { Text = "other" }])] });

    [Fact]
    public void A_reset_without_a_loss_is_found() => Finds(
        AnomalyKind.FalseAlarm, Right with { Views = [Reset(before: [1, 2], to: 5, after: [3, 4, 5])] });

    [Fact]
    public void A_reset_after_a_loss_is_none() => Assert.Empty(
        (Right with { RedisLostData = true, Views = [Reset(before: [1, 2], to: 5, after: [3, 4, 5], epoch: "f")] }).Check());

    [Fact]
    public void A_hole_behind_a_reset_is_found() => Finds(
        AnomalyKind.Skipped, Right with { RedisLostData = true, Views = [Reset(before: [1], to: 2, after: [4, 5], epoch: "f")] });

    [Fact]
    public void After_a_loss_what_was_shown_and_is_gone_must_be_followed_by_a_reset()
    {
        var lost = Right.Log[4] with { Id = "lost", Text = "lost" };

        var anomalies = (Right with { RedisLostData = true, Sent = [.. Right.Sent, new("ada", "lost", "lost", new Position("e", 5))], Views = [View([.. Right.Log.Take(4), lost])] }).Check();

        Assert.Equal(AnomalyKind.NotInLog, Assert.Single(anomalies).Kind);
    }

    private static void Finds(AnomalyKind kind, RoomHistory history) => Assert.Equal([kind], history.Check().Select(anomaly => anomaly.Kind).Distinct());

    private static RoomHistory Shown(long[] offsets, bool present = true) =>
        Right with { Views = [View([.. offsets.Select(offset => Right.Log[(int)offset - 1])], present)] };

    private static ClientView View(IReadOnlyList<MessageFrame> messages, bool present = true) =>
        new("bob", [.. messages.Select(message => new MessageReceived(message))], present);

    private static ClientView Reset(long[] before, long to, long[] after, string epoch = "e") => new(
        "bob",
        [
            .. before.Select(offset => new MessageReceived(Right.Log[(int)offset - 1])),
            new ContinuityLost(new Position("e", before[^1]), new Position(epoch, to)),
            .. after.Select(offset => new MessageReceived(Right.Log[(int)offset - 1])),
        ],
        Present: true);

    private static RoomHistory History()
    {
        MessageFrame[] log =
        [
            .. Enumerable.Range(1, 5).Select(
                offset => new MessageFrame("room", "e", offset, $"id{offset}", "ada", $"text{offset}", "2026-01-01T00:00:00.000Z", "n0")),
        ];
        return new RoomHistory(
            "room",
            log,
            [.. log.Select(entry => new SentMessage(entry.Author, entry.Id, entry.Text, new Position(entry.Epoch, entry.Offset)))],
            [new ClientView("bob", [.. log.Select(entry => new MessageReceived(entry))], Present: true)]);
    }
}
