using System.Net.Sockets;
using Chat.Tests.Wires.Support;
using Chat.Wires;

namespace Chat.Tests.Wires;

/// <summary>The contract of a wire: how it ends.</summary>
public sealed class EndingTests
{
    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Peer_that_sends_no_more_still_gets_what_is_sent_to_it(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            await peer.SendAllAsync("last"u8.ToArray());
            peer.Shutdown(SocketShutdown.Send);

            Assert.Equal("last"u8.ToArray(), await TransferTests.ReadAsync(wire, 4));
            Assert.Equal(Wire.Ended, await wire.ReceiveAsync(new byte[10]));
            Assert.Equal(Wire.Ended, await wire.ReceiveAsync(new byte[10]));

            Assert.True(await wire.SendAsync("answer"u8.ToArray()));
            Assert.Equal("answer"u8.ToArray(), await peer.ReadExactlyAsync(6));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task End_of_sending_comes_behind_what_is_queued_and_receiving_goes_on(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            await wire.SendAsync("last"u8.ToArray());
            wire.EndSending();

            Assert.Equal("last"u8.ToArray(), await peer.ReadExactlyAsync(4));
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1], SocketFlags.None));
            await peer.SendAllAsync("answer"u8.ToArray());
            Assert.Equal("answer"u8.ToArray(), await TransferTests.ReadAsync(wire, 6));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task End_of_sending_waits_for_a_peer_that_is_slow(WireEngine engine)
    {
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = 16 * 1024 * 1024 });
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            using var shared = host.Loop.Share(new byte[8 * 1024 * 1024]);
            Assert.True(wire.Queue(shared));
            wire.EndSending();
            Assert.True(wire.UnsentBytes > 0);

            await peer.ReadExactlyAsync(shared.Length);
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1], SocketFlags.None));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Reset_by_the_peer_ends_a_pending_receive_as_broken(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var receiving = wire.ReceiveAsync(new byte[10]).AsTask();
            await host.Loop.YieldAsync();

            peer.LingerState = new LingerOption(true, 0);
            peer.Dispose();

            Assert.Equal(Wire.Broken, await receiving);
            Assert.Equal(Wire.Broken, await wire.ReceiveAsync(new byte[10]));

            // The first may go out into nothing; then it is known.
            await wire.SendAsync(new byte[10]);
            await wire.FlushAsync();
            await wire.SendAsync(new byte[10]);
            await wire.FlushAsync();
            Assert.False(await wire.SendAsync(new byte[10]));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Abort_resets_the_peer_and_ends_what_waits(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var receiving = wire.ReceiveAsync(new byte[10]).AsTask();
            await host.Loop.YieldAsync();

            wire.Abort();

            Assert.Equal(Wire.Broken, await receiving);
            Assert.False(await wire.SendAsync(new byte[1]));
            var failure = await Assert.ThrowsAsync<SocketException>(async () => await peer.ReceiveAsync(new byte[1], SocketFlags.None));
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_was_sent_in_the_turn_of_the_close_arrives(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            await wire.SendAsync("good"u8.ToArray());
            using var shared = host.Loop.Share("bye"u8);
            wire.Queue(shared);

            wire.Dispose();

            Assert.Equal("goodbye"u8.ToArray(), await peer.ReadExactlyAsync(7));
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1], SocketFlags.None));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Stop_ends_a_pending_receive_and_loses_no_byte(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var receiving = wire.ReceiveAsync(new byte[10]).AsTask();
            await host.Loop.YieldAsync();

            wire.StopReceiving();
            Assert.Equal(Wire.Stopped, await receiving);

            await peer.SendAllAsync("kept"u8.ToArray());
            Assert.Equal(Wire.Stopped, await wire.ReceiveAsync(new byte[10]));
            Assert.True(await wire.SendAsync("still"u8.ToArray()));
            Assert.Equal("still"u8.ToArray(), await peer.ReadExactlyAsync(5));

            wire.ReceiveAgain();
            Assert.Equal("kept"u8.ToArray(), await TransferTests.ReadAsync(wire, 4));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Loop_that_ends_resets_its_wires_and_lets_their_methods_come_to_an_end(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        var ended = new TaskCompletionSource<int>();
        Socket peer = null!;
        await host.RunAsync(async () =>
        {
            (var wire, peer) = await host.ConnectAsync();
            _ = ServeAsync(wire);
        });

        host.End();

        Assert.Equal(Wire.Broken, await ended.Task.WaitAsync(WireHost.Most, TestContext.Current.CancellationToken));
        Assert.Throws<ObjectDisposedException>(() => host.Loop.Post(static _ => { }, null));
        await Assert.ThrowsAsync<SocketException>(async () => await peer.ReceiveAsync(new byte[1], SocketFlags.None));

        async Task ServeAsync(Wire wire)
        {
            var received = await wire.ReceiveAsync(new byte[1]);
            ended.SetResult(received);
        }
    }
}
