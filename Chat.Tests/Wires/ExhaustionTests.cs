using System.Net;
using System.Net.Sockets;
using Chat.Tests.Wires.Support;
using Chat.Wires;
using static Chat.Tests.Wires.Support.PeerExtensions;

namespace Chat.Tests.Wires;

/// <summary>The contract of a loop: what it does when something runs out, and that nothing does by itself.</summary>
[Collection(Alone.Name)]
public sealed class ExhaustionTests
{
    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Listener_without_a_descriptor_rests_and_takes_who_waited_when_there_is_one(WireEngine engine)
    {
        var log = new LogLines();
        using var host = WireHost.Start(engine, new WireOptions { AcceptPause = TimeSpan.FromMilliseconds(20) }, logger: log);
        await host.RunAsync(async () =>
        {
            var (wire, peer) = await host.ConnectAsync();
            var echoing = TransferTests.EchoAsync(wire);
            var peers = Enumerable.Range(0, 3).Select(_ => WireHost.Peer()).ToArray();
            var bound = WireListener.Bind(new IPEndPoint(IPAddress.Loopback, 0), 100, shared: false);
            WireListener listener;

            // What is loaded for the first time may need a descriptor of its own.
            await peer.SendAllAsync(new byte[10]);
            await peer.ReadExactlyAsync(10);
            await host.Loop.DelayAsync(TimeSpan.FromMilliseconds(1));
            var before = host.Loop.Turn;
            using (OwnDescriptors.AllowNoMore())
            {
                // From now on: a request that accepts keeps the limit that held when it was made.
                listener = host.Loop.Listen(bound);
                foreach (var waiting in peers)
                {
                    waiting.Connect(listener.Address);
                }

                await host.Loop.DelayAsync(TimeSpan.FromMilliseconds(200));
                await peer.SendAllAsync(new byte[10]);
                Assert.Equal(10, (await peer.ReadExactlyAsync(10)).Length);
            }

            Assert.InRange(log.All.Count(line => line.StartsWith("A connection was not accepted", StringComparison.Ordinal)), 2, 12);
            Assert.InRange(host.Loop.Turn - before, 2, 100);

            foreach (var waited in peers)
            {
                var taken = (await listener.AcceptAsync())!;
                await taken.SendAsync("in"u8.ToArray());
                Assert.True(await taken.FlushAsync());
            }

            foreach (var waited in peers)
            {
                Assert.Equal("in"u8.ToArray(), await waited.ReadExactlyAsync(2));
            }

            peer.Dispose();
            await echoing;
        });
    }

    [Theory]
    [MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Thousands_of_connections_leave_no_descriptor_no_memory_and_no_buffer_behind(WireEngine engine)
    {
        const int Rounds = 30, Connections = 100;
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = 16 * 1024 * 1024 });
        await host.RunAsync(async () =>
        {
            await RoundAsync(0);
            var before = OwnDescriptors.Count;
            for (var round = 1; round <= Rounds; round++)
            {
                await RoundAsync(round);
            }

            // A close may end one turn later than the call.
            for (var turn = 0; turn < 10; turn++)
            {
                await host.Loop.YieldAsync();
            }

            Assert.Equal((0L, 0), (host.Loop.NativeBytesHeld, host.Loop.BuffersHeld));
            Assert.InRange(OwnDescriptors.Count, 0, before + 2);
        });

        async Task RoundAsync(int round)
        {
            var pairs = new List<(Wire Wire, Socket Peer)>();
            for (var i = 0; i < Connections; i++)
            {
                pairs.Add(await host.ConnectAsync());
            }

            using var shared = host.Loop.Share(new byte[2000]);
            using var large = host.Loop.Share(new byte[8 * 1024 * 1024]);
            for (var i = 0; i < Connections; i++)
            {
                var (wire, peer) = pairs[i];
                await peer.SendAllAsync(new byte[20_000]);
                var receiving = wire.ReceiveAsync(new byte[100]).AsTask();
                wire.Queue(shared);
                if (i % 20 == round % 20)
                {
                    // It waits for a peer that does not read.
                    wire.Queue(large);
                }

                if (i % 2 == 0)
                {
                    await receiving;
                }

                switch ((i + round) % 4)
                {
                    case 0:
                        wire.Abort();
                        break;
                    case 1:
                        wire.Dispose();
                        break;
                    case 2:
                        peer.Dispose();
                        wire.EndSending();
                        break;
                    default:
                        peer.LingerState = new LingerOption(true, 0);
                        peer.Dispose();
                        break;
                }
            }

            foreach (var (wire, peer) in pairs)
            {
                wire.Dispose();
                peer.Dispose();
            }
        }
    }

    [Fact]
    public async Task Wires_go_on_when_those_that_nobody_reads_have_taken_all_buffers()
    {
        const int Stalled = 30;
        using var host = WireHost.Start(
            WireEngine.IoUring, new WireOptions { ReceiveBuffers = 4, ReceiveBufferBytes = 256, UnreadBytesMax = 2048 });
        await host.RunAsync(async () =>
        {
            var stalled = new List<(Wire Wire, Socket Peer)>();
            var sent = Pattern(10_000);
            for (var i = 0; i < Stalled; i++)
            {
                // Read once, so that a receive goes on; then no more.
                var pair = await host.ConnectAsync();
                await pair.Peer.SendAllAsync(new byte[1]);
                await TransferTests.ReadAsync(pair.Wire, 1);
                stalled.Add(pair);
                await pair.Peer.SendAllAsync(sent);
            }

            var (echo, client) = await host.ConnectAsync();
            var echoing = TransferTests.EchoAsync(echo);
            for (var round = 0; round < 20; round++)
            {
                await client.SendAllAsync(sent);
                Assert.Equal(sent, await client.ReadExactlyAsync(sent.Length));
            }

            foreach (var (wire, _) in stalled)
            {
                Assert.Equal(sent, await TransferTests.ReadAsync(wire, sent.Length));
            }

            client.Dispose();
            await echoing;
        });
    }

    [Fact]
    public async Task Wires_go_on_when_those_that_were_read_in_part_have_taken_all_buffers()
    {
        const int Buffers = 4;
        using var host = WireHost.Start(WireEngine.IoUring, new WireOptions { ReceiveBuffers = Buffers, ReceiveBufferBytes = 256 });
        await host.RunAsync(async () =>
        {
            var read = new List<Wire>();
            for (var i = 0; i < Buffers; i++)
            {
                var (wire, peer) = await host.ConnectAsync();
                var receiving = wire.ReceiveAsync(new byte[1]).AsTask();
                await host.Loop.YieldAsync();
                await peer.SendAllAsync(new byte[100]);
                Assert.Equal(1, await receiving);
                read.Add(wire);
            }

            Assert.Equal(Buffers, host.Loop.BuffersHeld);
            var (echo, client) = await host.ConnectAsync();
            var echoing = TransferTests.EchoAsync(echo);
            await client.SendAllAsync(new byte[10]);
            Assert.Equal(10, (await client.ReadExactlyAsync(10)).Length);

            foreach (var wire in read)
            {
                Assert.Equal(99, await wire.ReceiveAsync(new byte[1000]));
            }

            client.Dispose();
            await echoing;
        });
    }

    [Fact]
    public async Task Fan_out_larger_than_the_submission_queue_arrives_whole()
    {
        const int Peers = 100, Pieces = 20;
        using var host = WireHost.Start(WireEngine.IoUring, new WireOptions { SubmissionsMax = 8 });
        await host.RunAsync(async () =>
        {
            var pairs = new List<(Wire Wire, Socket Peer)>();
            for (var i = 0; i < Peers; i++)
            {
                pairs.Add(await host.ConnectAsync());
            }

            var expected = new List<byte>();
            for (var piece = 0; piece < Pieces; piece++)
            {
                var bytes = Pattern(50, piece);
                expected.AddRange(bytes);
                using var shared = host.Loop.Share(bytes);
                Assert.All(pairs, pair => Assert.True(pair.Wire.Queue(shared)));
            }

            foreach (var (_, peer) in pairs)
            {
                Assert.Equal(expected, await peer.ReadExactlyAsync(expected.Count));
            }
        });
    }

    [Fact]
    public async Task Completions_that_do_not_fit_their_queue_are_not_lost()
    {
        const int Peers = 200;
        using var host = WireHost.Start(WireEngine.IoUring, new WireOptions { SubmissionsMax = 4, UnsentBytesMax = 16 * 1024 * 1024 });
        await host.RunAsync(async () =>
        {
            var pairs = new List<(Wire Wire, Socket Peer)>();
            for (var i = 0; i < Peers; i++)
            {
                pairs.Add(await host.ConnectAsync(peerBufferBytes: 4096));
            }

            // More than any of them takes at once: each send is a failure that has to be told.
            var bytes = Pattern(6 * 1024 * 1024);
            using var shared = host.Loop.Share(bytes);
            Assert.All(pairs, pair => Assert.True(pair.Wire.Queue(shared)));
            await host.Loop.YieldAsync();
            await host.Loop.YieldAsync();

            Assert.All(pairs, pair => Assert.True(pair.Wire.UnsentBytes > 0));
            Assert.Equal(bytes, await pairs[0].Peer.ReadExactlyAsync(bytes.Length));
            Assert.Equal(bytes, await pairs[^1].Peer.ReadExactlyAsync(bytes.Length));
        });
    }

    [Fact]
    public async Task Loop_that_ends_while_bytes_are_held_says_so()
    {
        var log = new LogLines();
        var host = WireHost.Start(WireEngine.Epoll, logger: log);
        await host.RunAsync(() =>
        {
            host.Loop.Share("forgotten"u8);
            return Task.CompletedTask;
        });

        host.Dispose();

        Assert.Contains(log.All, line => line.Contains("ended while 256 native bytes", StringComparison.Ordinal));
    }
}
