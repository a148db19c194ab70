using System.Net.Sockets;
using Chat.Tests.Wires.Support;
using Chat.Wires;
using static Chat.Tests.Wires.Support.PeerExtensions;

namespace Chat.Tests.Wires;

/// <summary>The contract of what is queued without waiting: it goes whole and in order, can be taken back, and says when it has gone.</summary>
public sealed class QueueTests
{
    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_is_queued_as_copies_and_shared_comes_out_whole_and_in_order_however_the_peer_reads(WireEngine engine)
    {
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = int.MaxValue });
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            var expected = new List<byte>();
            for (var i = 0; i < 500; i++)
            {
                var bytes = Pattern(1 + (i * 37 % 3000), seed: i);
                expected.AddRange(bytes);
                if (i % 3 == 0)
                {
                    using var shared = host.Loop.Share(bytes);
                    Assert.True(wire.Queue(shared));
                }
                else
                {
                    Assert.True(wire.Queue(bytes));
                }

                if (i % 20 == 0)
                {
                    await host.Loop.YieldAsync();
                    wire.SendQueued();
                }
            }

            var reading = Task.Run(() => peer.ReadExactlyAsync(expected.Count), TestContext.Current.CancellationToken);
            Assert.True(await wire.SentAsync(0));
            Assert.Equal(0, wire.UnsentBytes);
            Assert.Equal(expected, await reading);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_the_peer_has_no_part_of_can_be_taken_back_and_what_it_has_goes_whole(WireEngine engine)
    {
        const int Length = 50_000;
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = int.MaxValue });
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            var frame = Pattern(Length);
            for (var i = 0; i < 400; i++)
            {
                Assert.True(wire.Queue(frame));
            }

            while (!wire.IsBlocked)
            {
                await host.Loop.YieldAsync();
            }

            var dropped = wire.DropQueued();
            var last = Pattern(100, seed: 2);
            wire.Queue(last);

            Assert.InRange(dropped, Length, 400 * Length);
            Assert.Equal(0, dropped % Length);
            var received = await peer.ReadExactlyAsync((400 * Length) - dropped + last.Length);
            Assert.All(received[..^last.Length].Chunk(Length), whole => Assert.Equal(frame, whole));
            Assert.Equal(last, received[^last.Length..]);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Who_waits_for_less_to_be_unsent_goes_on_as_the_peer_reads_and_when_it_is_gone(WireEngine engine)
    {
        const int Megabytes = 8 * 1024 * 1024;
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = int.MaxValue });
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            wire.Queue(Pattern(Megabytes));
            while (!wire.IsBlocked)
            {
                await host.Loop.YieldAsync();
            }

            var unsent = wire.UnsentBytes;
            var some = wire.SentAsync(unsent - 1).AsTask();
            Assert.False(some.IsCompleted);
            await peer.ReadExactlyAsync(Megabytes / 2);
            Assert.True(await some);
            Assert.InRange(wire.UnsentBytes, 1, unsent - 1);

            var all = wire.SentAsync(0).AsTask();
            peer.LingerState = new LingerOption(enable: true, seconds: 0);
            peer.Dispose();
            Assert.False(await all);
        });
    }
}
