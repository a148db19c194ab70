using Chat.Node.Rooms;

namespace Chat.Tests.Rooms;

public sealed class OutboundQueueCostTests
{
    private static readonly OutboundFrame Frame = OutboundFrame.Text(new byte[1000]);

    [Fact]
    public void A_frame_for_a_peer_that_keeps_up_costs_no_allocation()
    {
        var queue = new OutboundQueue(new HeardNothing(), bytesMax: 10_000);
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
        var queue = new OutboundQueue(new TestSink(takes: 0), bytesMax: 10_000);

        var accepted = 0;
        while (queue.TryEnqueue(Frame))
        {
            accepted++;
        }

        // Of 1,004 bytes each: the last one accepted goes beyond.
        Assert.Equal(10, accepted);
    }
}
