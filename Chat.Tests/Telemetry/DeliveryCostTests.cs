using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Tests.Log;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
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
        var (few, many) = (CreateRoom(node, members: 1), CreateRoom(node, members: 1001));
        Deliver(few);
        Deliver(many);

        var (one, thousandMore) = (Allocated(few), Allocated(many));

        // What a publication costs is the same, however many get it.
        Assert.Equal(one, thousandMore);
        Assert.Equal(measured, node.Get<NodeMetrics>().StartDelivery(DateTimeOffset.UnixEpoch, TimeProvider.System) is not null);
    }

    private static Room CreateRoom(TestNode node, int members)
    {
        var room = new Room("cost", node.Get<NodeIdentity>(), node.Get<NodeMetrics>(), TimeProvider.System, node.Get<PresenceRooms>());
        for (var i = 0; i < members; i++)
        {
            var queue = new OutboundQueue(new Sink(), int.MaxValue, () => Assert.Fail("The peer is there"), CancellationToken.None);
            var member = new Membership(
                room,
                new JoinRequest("cost", ChatClient.NewMessageId(), "bob", After: null, Traced: false, queue, () => Assert.Fail("The queue is not full")),
                "n0",
                new NodeOptions(),
                TimeProvider.System);
            room.Add(member);
            Assert.True(member.TryGoLive(
                new CatchUp(new Position(Epoch, 0), Recovered: true, []), new PresenceSnapshot(0, [], null), new Dictionary<string, long>()));
        }

        return room;
    }

    private static long Allocated(Room room)
    {
        var publication = NewPublication();
        var before = GC.GetAllocatedBytesForCurrentThread();
        room.Deliver(publication);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Deliver(Room room)
    {
        // Often enough that all of it is compiled for good.
        for (var i = 0; i < 100; i++)
        {
            room.Deliver(NewPublication());
        }
    }

    private static Publication NewPublication() => Publication.Decode(LogHarness.Publication("cost", Epoch, 1, "m1"))!;

    private sealed class Sink : IFrameSink
    {
        public int TryWrite(ReadOnlySpan<byte> bytes) => bytes.Length;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class Nowhere : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
