using System.Text;
using Chat.Node.Rooms;
using Chat.Tests.Support;
using CsCheck;

namespace Chat.Tests.Rooms;

public sealed class OutboundQueueTests
{
    private const int Unbounded = int.MaxValue;

    private static readonly Gen<int[]> Takes = Gen.OneOf(Gen.Const(0), Gen.Int[1, 30], Gen.Const(Unbounded)).Array[1, 10];

    [Fact]
    public async Task Whatever_the_peer_takes_at_once_the_bytes_come_out_whole_and_in_order() =>
        await Gen.Select(Takes, Gen.Int[0, 300].Array[1, 60]).SampleAsync(async (takes, lengths) =>
        {
            var sink = new TestSink(takes);
            var queue = new OutboundQueue(sink, Unbounded, () => Assert.Fail("The peer is there"), CancellationToken.None);
            var frames = lengths.Select((length, index) => Frame(index, length)).ToArray();

            foreach (var frame in frames)
            {
                Assert.True(queue.TryEnqueue(frame));
            }

            await CloseAsync(queue, last: OutboundFrame.Close(1000, ""));
            Assert.Equal(Bytes([.. frames, OutboundFrame.Close(1000, "")]), sink.Taken);
        });

    [Fact]
    public async Task Of_several_who_enqueue_at_once_each_ones_frames_come_out_whole_and_in_its_order() =>
        await Gen.Select(Takes, Gen.Int[2, 4], Gen.Int[1, 50]).SampleAsync(
            async (takes, writers, each) =>
            {
                var sink = new TestSink(takes);
                var queue = new OutboundQueue(sink, Unbounded, () => Assert.Fail("The peer is there"), CancellationToken.None);

                await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
                {
                    for (var i = 0; i < each; i++)
                    {
                        queue.TryEnqueue(OutboundFrame.Text(Encoding.ASCII.GetBytes($"{writer}:{i}")));
                    }
                })));

                await CloseAsync(queue, last: null);
                var texts = Split(sink.Taken).Select(text => text.Split(':')).ToArray();
                Assert.Equal(writers * each, texts.Length);
                Assert.All(
                    texts.GroupBy(text => text[0]),
                    group => Assert.Equal(Enumerable.Range(0, each).Select(i => $"{i}"), group.Select(text => text[1])));
            },
            iter: 200);

    [Fact]
    public async Task A_full_queue_says_so_holds_no_more_than_its_limit_and_one_frame_and_writes_what_it_took() =>
        await Gen.Select(Gen.Int[1, 500], Gen.Int[1, 300].Array[1, 60]).SampleAsync(async (limit, lengths) =>
        {
            var sink = new StuckSink();
            var queue = new OutboundQueue(sink, limit, () => Assert.Fail("The peer is there"), CancellationToken.None);
            var taken = new List<OutboundFrame>();
            foreach (var frame in lengths.Select((length, index) => Frame(index, length)))
            {
                if (!queue.TryEnqueue(frame))
                {
                    break;
                }

                taken.Add(frame);
            }

            Assert.InRange(taken.SkipLast(1).Sum(frame => frame.Bytes.Length), 0, limit + lengths.Max() + 10);
            sink.Free();
            await CloseAsync(queue, last: null);
            Assert.Equal(Bytes(taken), sink.Taken);
        });

    [Fact]
    public async Task What_waits_is_dropped_when_asked_for_but_no_frame_is_cut() =>
        await Gen.Int[1, 300].Array[2, 40].SampleAsync(async lengths =>
        {
            var sink = new StuckSink();
            var queue = new OutboundQueue(sink, Unbounded, () => Assert.Fail("The peer is there"), CancellationToken.None);
            var frames = lengths.Select((length, index) => Frame(index, length)).ToArray();
            Assert.All(frames, frame => queue.TryEnqueue(frame));

            var closing = queue.CloseAsync(OutboundFrame.Close(4001, "too slow"), dropQueued: true);
            sink.Free();

            await Within.Seconds(10, closing.WaitAsync, "closed");
            var close = Bytes([OutboundFrame.Close(4001, "too slow")]);
            var (before, last) = (sink.Taken[..^close.Length], sink.Taken[^close.Length..]);
            Assert.Equal(close, last);
            Assert.Contains(Enumerable.Range(0, frames.Length + 1), count => Bytes(frames.Take(count)).AsSpan().SequenceEqual(before));
        });

    [Fact]
    public async Task A_peer_that_goes_away_is_told_of_once_and_what_comes_after_is_taken_and_forgotten() =>
        await Gen.Select(Takes, Gen.Int[0, 2000], Gen.Int[1, 300].Array[1, 60]).SampleAsync(async (takes, breaksAfter, lengths) =>
        {
            var failures = 0;
            var sink = new TestSink(takes, breaksAfter);
            var queue = new OutboundQueue(sink, Unbounded, () => failures++, CancellationToken.None);
            var frames = lengths.Select((length, index) => Frame(index, length)).ToArray();

            Assert.All(frames, frame => Assert.True(queue.TryEnqueue(frame)));

            await CloseAsync(queue, last: null);
            Assert.InRange(failures, 0, 1);
            Assert.True(Bytes(frames).AsSpan().StartsWith(sink.Taken));
            Assert.True(failures == 1 || sink.Taken.Length == Bytes(frames).Length);
        });

    private static OutboundFrame Frame(int index, int length) =>
        OutboundFrame.Text(Encoding.ASCII.GetBytes(new string((char)('a' + (index % 26)), length)));

    private static byte[] Bytes(IEnumerable<OutboundFrame> frames) => [.. frames.SelectMany(frame => frame.Bytes.ToArray())];

    private static Task CloseAsync(OutboundQueue queue, OutboundFrame? last) =>
        Within.Seconds(10, token => queue.CloseAsync(last, dropQueued: false).WaitAsync(token), "the queue is empty and closed");

    /// <summary>The texts of small frames.</summary>
    private static IEnumerable<string> Split(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += 2 + bytes[at + 1])
        {
            yield return Encoding.ASCII.GetString(bytes, at + 2, bytes[at + 1]);
        }
    }

    /// <summary>A peer that takes nothing until it is free.</summary>
    private sealed class StuckSink : IFrameSink
    {
        private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<byte> _taken = [];

        public byte[] Taken => [.. _taken];

        public void Free() => _free.TrySetResult();

        public int TryWrite(ReadOnlySpan<byte> bytes) => 0;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await _free.Task.WaitAsync(cancellationToken);
            _taken.AddRange(bytes.Span);
        }
    }
}
