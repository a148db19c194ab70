using System.Net;
using System.Net.Sockets;
using Chat.Tests.Wires.Support;
using Chat.Wires;
using Microsoft.Extensions.Logging.Abstractions;
using static Chat.Tests.Wires.Support.PeerExtensions;

namespace Chat.Tests.Wires;

/// <summary>The contract of a wire: bytes both ways.</summary>
public sealed class TransferTests
{
    private const int Megabyte = 1024 * 1024;

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Wire_echoes_what_comes(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var echoing = EchoAsync(wire);

            for (var bytes = 1; bytes <= 5000; bytes += 833)
            {
                var sent = Pattern(bytes, bytes);
                await peer.SendAllAsync(sent);
                Assert.Equal(sent, await peer.ReadExactlyAsync(bytes));
            }

            peer.Dispose();
            await echoing;
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Large_transfers_both_ways_at_once_arrive_whole(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var (up, down) = (Pattern(8 * Megabyte, 1), Pattern(8 * Megabyte, 2));

            var reading = peer.ReadExactlyAsync(down.Length);
            var peerSending = peer.SendAllAsync(up);
            var sending = wire.SendAsync(down).AsTask();
            var received = await ReadAsync(wire, up.Length);

            await peerSending;
            Assert.True(await sending);
            Assert.Equal(down, await reading);
            Assert.Equal(up, received);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Sends_of_every_size_keep_their_order_past_a_peer_that_takes_little(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync(peerBufferBytes: 4096);
            var sent = Pattern(3 * Megabyte);
            var reading = peer.ReadExactlyAsync(sent.Length);

            // Short ones are gathered, long ones go at once: neither may overtake the other.
            var random = new Random(3);
            for (var at = 0; at < sent.Length;)
            {
                var bytes = Math.Min(sent.Length - at, random.Next(4) == 0 ? random.Next(1, 20_000) : random.Next(1, 300));
                Assert.True(await wire.SendAsync(sent.AsMemory(at, bytes)));
                at += bytes;
            }

            Assert.True(await wire.FlushAsync());
            Assert.Equal(sent, await reading);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Shared_bytes_reach_all_in_order_though_their_memory_serves_again_at_once(WireEngine engine)
    {
        const int Rounds = 200, Bytes = 110, Peers = 20;
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var wires = new List<Wire>();
            var readings = new List<Task<byte[]>>();
            for (var i = 0; i < Peers; i++)
            {
                var (wire, peer) = await host.ConnectAsync();
                wires.Add(wire);
                readings.Add(peer.ReadExactlyAsync(Rounds * Bytes));
            }

            var expected = new List<byte>();
            for (var round = 0; round < Rounds; round++)
            {
                var frame = Pattern(Bytes, round);
                expected.AddRange(frame);
                using (var shared = host.Loop.Share(frame))
                {
                    Assert.All(wires, wire => Assert.True(wire.Queue(shared)));
                }

                // The pool hands out what was returned last, so the next round overwrites this one's memory.
                await host.Loop.YieldAsync();
            }

            foreach (var reading in readings)
            {
                Assert.Equal(expected, await reading);
            }

            Assert.Equal(0, host.Loop.NativeBytesHeld);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Many_pieces_queued_in_one_turn_go_in_order(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var expected = new List<byte>();
            for (var piece = 0; piece < 100; piece++)
            {
                var bytes = Pattern(37, piece);
                expected.AddRange(bytes);
                using var shared = host.Loop.Share(bytes);
                Assert.True(piece % 3 == 0 ? await wire.SendAsync(bytes) : wire.Queue(shared));
            }

            Assert.Equal(expected, await peer.ReadExactlyAsync(expected.Count));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Wire_that_dials_reaches_a_listener_and_one_nobody_listens_for_is_refused(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var dialled = await host.Loop.ConnectAsync(host.Listener.Address, TimeSpan.FromSeconds(5));
            var near = dialled.Wire!;
            var far = (await host.Listener.AcceptAsync())!;
            await near.SendAsync("hello"u8.ToArray());
            Assert.Equal("hello"u8.ToArray(), await ReadAsync(far, 5));
            Assert.Equal(host.Listener.Address, near.RemoteEndPoint);

            var nowhere = host.Listener.Address;
            host.Listener.Dispose();
            await host.Loop.YieldAsync();
            await host.Loop.YieldAsync();
            Assert.Equal(new Dialled(null, DialFailure.Refused), await host.Loop.ConnectAsync(nowhere, TimeSpan.FromSeconds(5)));
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Address_of_the_other_side_is_known_over_ipv6_too(WireEngine engine)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            using var listener = host.Loop.Listen(WireListener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0), 10, shared: false));
            using var peer = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            await peer.ConnectAsync(listener.Address, CancellationToken.None);

            var wire = (await listener.AcceptAsync())!;

            Assert.Equal(peer.LocalEndPoint, wire.RemoteEndPoint);
        });
    }

    [Theory]
    [MemberData(nameof(Engines.OfLinux), MemberType = typeof(Engines))]
    public async Task Loops_that_share_an_address_share_its_connections(WireEngine engine)
    {
        const int Peers = 200;
        Engines.Require(engine);
        using var loops = WireLoops.Start(new WireOptions { Engine = engine, Loops = 2 }, TimeProvider.System, NullLogger.Instance);
        var taken = new int[2];
        var address = new IPEndPoint(IPAddress.Loopback, 0);
        for (var number = 0; number < 2; number++)
        {
            var (loop, socket, at) = (loops.All[number], WireListener.Bind(address, 1000, shared: true), number);
            address = (IPEndPoint)socket.LocalEndPoint!;
            loop.Post(_ => AcceptAsync(loop.Listen(socket), at), null);
        }

        for (var i = 0; i < Peers; i++)
        {
            using var peer = WireHost.Peer();
            await peer.ConnectAsync(address, CancellationToken.None);
            Assert.Equal("in"u8.ToArray(), await peer.ReadExactlyAsync(2));
        }

        // A hash: 200 connections all on one side of two is a chance of 2 to the power of -199.
        Assert.Equal(Peers, taken.Sum());
        Assert.All(taken, count => Assert.True(count > 0));

        async void AcceptAsync(WireListener listener, int number)
        {
            while (await listener.AcceptAsync() is { } wire)
            {
                taken[number]++;
                await wire.SendAsync("in"u8.ToArray());
                wire.Dispose();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Connected_socket_of_the_runtimes_can_be_attached(WireEngine engine)
    {
        using var host = WireHost.Start(engine);
        await host.RunAsync(async () =>
        {
            var mine = WireHost.Peer();
            await mine.ConnectAsync(host.Listener.Address, CancellationToken.None);
            var far = (await host.Listener.AcceptAsync())!;

            var near = host.Loop.Attach(mine);

            await far.SendAsync("hello"u8.ToArray());
            Assert.Equal("hello"u8.ToArray(), await ReadAsync(near, 5));
        });
    }

    internal static async Task EchoAsync(Wire wire)
    {
        var buffer = new byte[4096];
        while (await wire.ReceiveAsync(buffer) is var received and > 0 && await wire.SendAsync(buffer.AsMemory(0, received)))
        {
        }

        wire.Dispose();
    }

    internal static async Task<byte[]> ReadAsync(Wire wire, int bytes)
    {
        var buffer = new byte[bytes];
        for (var read = 0; read < bytes;)
        {
            var part = await wire.ReceiveAsync(buffer.AsMemory(read));
            Assert.True(part > 0, $"{part} after {read} of {bytes} bytes");
            read += part;
        }

        return buffer;
    }
}
