using Chat.Node.Rooms;

namespace Chat.Tests.Rooms;

public sealed class OutboundQueueCostTests
{
    private static readonly OutboundFrame Frame = OutboundFrame.Text(new byte[1000]);

    [Fact]
    public void A_frame_for_a_peer_that_keeps_up_costs_no_allocation()
    {
        var queue = new OutboundQueue(new Sink(takes: true), bytesMax: 10_000, failed: () => { }, CancellationToken.None);
        queue.TryEnqueue(Frame);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            queue.TryEnqueue(Frame);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_peer_that_takes_nothing_has_its_limit_waiting_and_no_more()
    {
        var queue = new OutboundQueue(new Sink(takes: false), bytesMax: 10_000, failed: () => { }, CancellationToken.None);

        var accepted = 0;
        while (queue.TryEnqueue(Frame))
        {
            accepted++;
        }

        // One is being written; the limit waits behind it.
        Assert.Equal(11, accepted);
    }

    private sealed class Sink(bool takes) : IFrameSink
    {
        public int TryWrite(ReadOnlySpan<byte> bytes) => takes ? bytes.Length : 0;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
