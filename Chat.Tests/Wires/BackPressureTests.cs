using System.Net.Sockets;
using Chat.Tests.Wires.Support;
using Chat.Wires;
using static Chat.Tests.Wires.Support.PeerExtensions;

namespace Chat.Tests.Wires;

/// <summary>The contract of a wire: a side that does not read holds the other back, and costs a bounded amount of memory.</summary>
public sealed class BackPressureTests
{
    private const int Megabyte = 1024 * 1024;

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Peer_that_does_not_read_holds_the_sender_back_until_it_does(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            var sent = Pattern(32 * Megabyte);
            var sending = wire.SendAsync(sent).AsTask();

            // As much as the kernel takes is taken within a few turns; the rest waits in the caller's memory.
            for (var turn = 0; turn < 2000; turn++)
            {
                await host.Loop.YieldAsync();
            }

            Assert.False(sending.IsCompleted);
            Assert.Equal(0, wire.UnsentBytes);
            Assert.Equal(sent, await peer.ReadExactlyAsync(sent.Length));
            Assert.True(await sending);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Queue_says_when_too_much_waits_and_takes_again_when_the_peer_has_read(WireEngine engine)
    {
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = 100_000 });
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            using var shared = host.Loop.Share(Pattern(10_000));
            var queued = 0;
            while (wire.Queue(shared))
            {
                queued++;
                await host.Loop.YieldAsync();
            }

            Assert.InRange(wire.UnsentBytes, 90_001, 100_000);
            await peer.ReadExactlyAsync(queued * shared.Length);
            Assert.True(await wire.FlushAsync());
            Assert.True(wire.Queue(shared));
            Assert.Equal(Pattern(10_000), await peer.ReadExactlyAsync(shared.Length));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Program_that_does_not_read_holds_the_peer_back(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();

            // Somebody has read once, so that a receive is under way.
            await peer.SendAllAsync(new byte[1]);
            await TransferTests.ReadAsync(wire, 1);

            var sent = Pattern(32 * Megabyte);
            var sending = peer.SendAllAsync(sent);
            for (var turn = 0; turn < 2000; turn++)
            {
                await host.Loop.YieldAsync();
            }

            Assert.False(sending.IsCompleted);
            Assert.Equal(sent, await TransferTests.ReadAsync(wire, sent.Length));
            await sending;
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Send_that_waits_ends_when_the_wire_is_aborted_or_the_peer_goes(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (aborted, _) = await host.ConnectAsync(peerBufferBytes: 4096);
            var (left, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            var sendings = new[] { aborted.SendAsync(new byte[32 * Megabyte]).AsTask(), left.SendAsync(new byte[32 * Megabyte]).AsTask() };
            await host.Loop.YieldAsync();

            aborted.Abort();
            peer.LingerState = new LingerOption(true, 0);
            peer.Dispose();

            Assert.Equal(new[] { false, false }, await Task.WhenAll(sendings));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Second_writer_or_reader_is_told_that_there_is_one(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, _) = await host.ConnectAsync(peerBufferBytes: 4096);
            _ = wire.SendAsync(new byte[32 * Megabyte]).AsTask();
            _ = wire.ReceiveAsync(new byte[1]).AsTask();
            using var shared = host.Loop.Share("x"u8);

            await Assert.ThrowsAsync<InvalidOperationException>(async () => await wire.SendAsync(new byte[1]));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await wire.ReceiveAsync(new byte[1]));
            Assert.Throws<InvalidOperationException>(() => wire.Queue(shared));
        });
    }
}
