using Chat.Node.Backplane.Log;
using Chat.Protocol;
using CsCheck;

namespace Chat.Tests.Log;

public sealed class LogCursorTests
{
    private const string Epoch = "e";

    [Fact]
    public void Whatever_order_publications_come_in_they_are_delivered_in_turn_from_the_start_on() =>
        Gen.Select(Gen.Long[0, 20], Gen.Long[1, 40].Array[0, 200]).Sample((start, offsets) =>
        {
            var cursor = new LogCursor();
            cursor.Reset(new Position(Epoch, start));

            var delivered = offsets.Where(offset => cursor.Judge(new Position(Epoch, offset)) == Verdict.Deliver).ToArray();

            Assert.Equal(Enumerable.Range(1, delivered.Length).Select(step => start + step), delivered);
            Assert.Equal(new Position(Epoch, start + delivered.Length), cursor.Last);
        });

    [Fact]
    public void A_verdict_says_where_the_publication_stands_and_only_a_delivery_moves_the_cursor() =>
        Gen.Select(Gen.Long[0, 20], Gen.Long[1, 40], Gen.Bool).Sample((last, offset, sameEpoch) =>
        {
            var cursor = new LogCursor();
            var before = new Position(Epoch, last);
            cursor.Reset(before);
            var position = new Position(sameEpoch ? Epoch : "another", offset);

            var verdict = cursor.Judge(position);

            // Of another log it says nothing: that may have begun, or be gone.
            var expected = !sameEpoch ? Verdict.Repair : offset == last + 1 ? Verdict.Deliver : offset <= last ? Verdict.Drop : Verdict.Repair;
            Assert.Equal(expected, verdict);
            Assert.Equal(verdict == Verdict.Deliver ? position : before, cursor.Last);
        });

    [Fact]
    public void Before_the_log_was_read_nothing_is_delivered() =>
        Gen.Long[1, 100].Sample(offset => Assert.Equal(Verdict.Repair, new LogCursor().Judge(new Position(Epoch, offset))));
}
