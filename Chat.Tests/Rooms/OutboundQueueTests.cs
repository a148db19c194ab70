using System.Text;
using Chat.Node.Rooms;
using Chat.Tests.Support;
using CsCheck;

namespace Chat.Tests.Rooms;

public sealed class OutboundQueueTests
{
    private static readonly Gen<int[]> Lengths = Gen.Int[1, 300].Array[1, 60];

    [Fact]
    public void Whatever_the_peer_takes_at_a_time_the_bytes_come_out_whole_and_in_order() =>
        Gen.Select(Gen.Int[0, 500].Array[1, 10], Lengths).Sample((takes, lengths) =>
        {
            var sink = new TestSink(takes: 0);
            var queue = new OutboundQueue(sink, int.MaxValue);
            var frames = Frames(lengths);

            for (var i = 0; i < frames.Length; i++)
            {
                Assert.True(queue.TryEnqueue(frames[i]));
                sink.Free(takes[i % takes.Length]);
            }

            queue.Close(OutboundFrame.Close(1000, ""), dropQueued: false);
            sink.Free(1 << 20);
            Assert.Equal(Bytes([.. frames, OutboundFrame.Close(1000, "")]), sink.Taken);
            Assert.Equal((0, false), (queue.QueuedBytes, queue.IsBehind));
        });

    [Fact]
    public void A_full_queue_says_so_and_holds_no_more_than_its_limit_and_one_frame() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[0, 400], Lengths).Sample((limit, takes, lengths) =>
        {
            var sink = new TestSink(takes);
            var queue = new OutboundQueue(sink, limit);
            var taken = Frames(lengths).TakeWhile(frame => queue.TryEnqueue(frame)).ToArray();

            Assert.InRange(taken.SkipLast(1).Sum(frame => frame.Bytes.Length), 0, limit + takes + lengths.Max() + 10);
            Assert.InRange(queue.QueuedBytes, 0, limit + lengths.Max() + 10);
            sink.Free(1 << 20);
            Assert.Equal(Bytes(taken), sink.Taken);
        });

    [Fact]
    public void A_turn_that_gathers_more_than_may_wait_is_sent_in_pieces_to_a_peer_that_takes_it()
    {
        var sink = new TestSink();
        var queue = new OutboundQueue(sink, bytesMax: 1000);
        var frames = Frames([.. Enumerable.Repeat(400, 50)]);

        Assert.All(frames, frame => Assert.True(queue.TryEnqueue(frame)));

        sink.EndTurn();
        Assert.Equal(Bytes(frames), sink.Taken);
        Assert.InRange(sink.Flushes, 1, 50);
    }

    [Fact]
    public void An_answer_of_any_size_does_not_count_and_what_comes_behind_it_does()
    {
        var sink = new TestSink(takes: 0);
        var queue = new OutboundQueue(sink, bytesMax: 1000);

        Assert.True(queue.TryEnqueueAnswer(Frame(0, 100_000)));
        sink.EndTurn();
        Assert.Equal((0, true), (queue.QueuedBytes, queue.UnsentBytes > 100_000));
        Assert.True(queue.TryEnqueue(Frame(1, 900)));
        Assert.True(queue.TryEnqueue(Frame(2, 900)));
        Assert.False(queue.TryEnqueue(Frame(3, 900)));

        sink.Free(100_010 + 904);
        Assert.Equal(904, queue.QueuedBytes);
        Assert.True(queue.TryEnqueue(Frame(4, 900)));
    }

    [Fact]
    public void What_waits_is_dropped_when_asked_for_but_no_frame_is_cut() =>
        Gen.Select(Gen.Int[0, 3000], Lengths).Sample((takes, lengths) =>
        {
            var sink = new TestSink(takes);
            var queue = new OutboundQueue(sink, int.MaxValue);
            var frames = Frames(lengths);
            Assert.All(frames, frame => queue.TryEnqueue(frame));
            sink.EndTurn();

            queue.Close(OutboundFrame.Close(4001, "too slow"), dropQueued: true);
            Assert.True(queue.TryEnqueue(frames[0]));

            sink.Free(1 << 20);
            var close = Bytes([OutboundFrame.Close(4001, "too slow")]);
            Assert.Equal(close, sink.Taken[^close.Length..]);
            Assert.Contains(Enumerable.Range(0, frames.Length + 1), count => Bytes(frames.Take(count)).AsSpan().SequenceEqual(sink.Taken.AsSpan()[..^close.Length]));
        });

    [Fact]
    public async Task Who_waits_for_the_peer_learns_of_each_part_it_takes_and_of_its_end()
    {
        var sink = new TestSink(takes: 0);
        var queue = new OutboundQueue(sink, int.MaxValue);
        queue.TryEnqueue(Frame(0, 1000));
        sink.EndTurn();

        var part = queue.ProgressAsync();
        Assert.False(part.IsCompleted);
        sink.Free(10);
        Assert.True(await Within.Seconds(10, part.WaitAsync, "a part is taken"));

        var end = queue.ProgressAsync();
        sink.Break();
        Assert.False(await Within.Seconds(10, end.WaitAsync, "the peer is gone"));
        Assert.True(queue.TryEnqueue(Frame(1, 10)));
        Assert.Equal(0, queue.UnsentBytes);
    }

    private static OutboundFrame[] Frames(int[] lengths) => [.. lengths.Select((length, index) => Frame(index, length))];

    private static OutboundFrame Frame(int index, int length) =>
        OutboundFrame.Text(Encoding.ASCII.GetBytes(new string((char)('a' + (index % 26)), length)));

    private static byte[] Bytes(IEnumerable<OutboundFrame> frames) => [.. frames.SelectMany(frame => frame.Bytes.ToArray())];
}
