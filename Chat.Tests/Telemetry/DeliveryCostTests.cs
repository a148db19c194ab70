using System.Net.Sockets;
using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Presence;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Tests.Log;
using Chat.Tests.Presence.Support;
using Chat.Tests.Rooms;
using Chat.Tests.Support;
using Chat.Tests.Wires.Support;
using Chat.Wires;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Chat.Tests.Telemetry;

public sealed class DeliveryCostTests
{
    private const string Epoch = "e";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delivery_that_is_not_sampled_allocates_nothing(bool measured)
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var metrics = measured
            ? Sdk.CreateMeterProviderBuilder().AddMeter(Tracing.SourceName).SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddReader(new BaseExportingMetricReader(new Nowhere())).Build()
            : null;
        var loop = node.Get<NodeLoops>().All[0];
        var (few, many) = (CreateRoom(node, loop, members: 1), CreateRoom(node, loop, members: 1001));
        await WarmUpAsync(loop, few);
        await WarmUpAsync(loop, many);

        var (one, thousandMore) = (await AllocatedAsync(loop, few), await AllocatedAsync(loop, many));

        // What a publication costs is the same, however many get it.
        Assert.Equal(one, thousandMore);
        Assert.Equal(measured, node.Get<NodeMetrics>().StartDelivery(DateTimeOffset.UnixEpoch, TimeProvider.System) is not null);
    }

    [Theory]
    [MemberData(nameof(Engines.OfLinux), MemberType = typeof(Engines))]
    public async Task A_delivery_over_the_wire_allocates_nothing_on_any_engine(WireEngine engine)
    {
        const int Members = 51;
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var host = WireHost.Start(engine, new WireOptions { UnsentBytesMax = int.MaxValue });
        var (few, many) = (CreateRoom(node, host.Loop, members: 0), CreateRoom(node, host.Loop, members: 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var readings = new List<Task<long>>();
        await host.RunAsync(async () =>
        {
            for (var i = 0; i <= Members; i++)
            {
                var (wire, peer) = await host.ConnectAsync();
                Join(i == 0 ? few : many, host.Loop, new WireTransport(wire));
                readings.Add(Task.Run(() => CountAsync(peer, stop.Token), stop.Token));
            }
        });
        await WarmUpAsync(host.Loop, few);
        await WarmUpAsync(host.Loop, many);

        var (one, fiftyMore) = (await AllocatedAsync(host.Loop, few), await AllocatedAsync(host.Loop, many));

        Assert.Equal(one, fiftyMore);

        // All of it came: a frame that goes nowhere is cheap.
        host.End();
        var received = await Task.WhenAll(readings);
        Assert.All(received[1..], bytes => Assert.Equal(received[0], bytes));
        Assert.InRange(received[0], 101 * NewPublication().Frame.Length, long.MaxValue);
    }

    private static async Task<long> CountAsync(Socket peer, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        for (var bytes = 0L; ;)
        {
            int read;
            try
            {
                read = await peer.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cancellationToken);
            }
            catch (SocketException)
            {
                return bytes;
            }

            if (read == 0)
            {
                return bytes;
            }

            bytes += read;
        }
    }

    private static Room CreateRoom(TestNode node, WireLoop loop, int members)
    {
        var room = new Room("cost", node.Get<NodeIdentity>(), node.Get<NodeMetrics>(), TimeProvider.System, node.Get<PresenceRooms>());
        loop.RunAsync(() =>
        {
            for (var i = 0; i < members; i++)
            {
                Join(room, loop, new HeardNothing());
            }

            return Task.CompletedTask;
        }).Wait(TestContext.Current.CancellationToken);
        return room;
    }

    private static void Join(Room room, WireLoop loop, IFrameSink sink)
    {
        var queue = new OutboundQueue(sink, int.MaxValue);
        var member = new Membership(
            room,
            new JoinRequest("cost", ChatClient.NewMessageId(), "bob", After: null, Traced: false, queue, loop, () => Assert.Fail("The queue is not full")),
            "n0",
            new NodeOptions(),
            TimeProvider.System);
        room.Add(member);
        Assert.True(member.TryGoLive(
            new CatchUp(new Position(Epoch, 0), Recovered: true, []), new PresenceSnapshot(0, [], null), new Dictionary<string, long>()));
    }

    /// <summary>By the thread that hands it over and by the loop that delivers it, which are one here.</summary>
    private static Task<long> AllocatedAsync(WireLoop loop, Room room)
    {
        var publication = NewPublication();
        var allocated = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = 0L;
        loop.Post(
            _ =>
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                room.Deliver(publication);
            },
            null);
        loop.Post(_ => loop.Post(_ => allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - before), null), null);
        return allocated.Task;
    }

    private static async Task WarmUpAsync(WireLoop loop, Room room)
    {
        // Often enough that all of it is compiled for good.
        for (var i = 0; i < 100; i++)
        {
            await AllocatedAsync(loop, room);
        }
    }

    private static Publication NewPublication() => Publication.Decode(LogHarness.Publication("cost", Epoch, 1, "m1"))!;

    private sealed class Nowhere : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
