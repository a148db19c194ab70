using System.Diagnostics.Metrics;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Rooms;
using Chat.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Telemetry;

public sealed class NodeMetricTests
{
    [Fact]
    public async Task Sends_resumes_and_what_is_refused_are_counted_by_how_they_ended()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var sends = new MetricRecorder("chat.sends", node.Get<NodeMetrics>());
        using var rejects = new MetricRecorder("chat.rejects", node.Get<NodeMetrics>());
        using var resumes = new MetricRecorder("chat.resumes", node.Get<NodeMetrics>());
        await using var ada = await node.JoinAsync("ada", "counted");

        await ada.SendAsync(new SendFrame("counted", "m1", "hello"));
        var ack = await ada.NextAsync<AckFrame>();
        await ada.SendAsync(new SendFrame("counted", "m1", "hello"));
        await ada.NextAsync<AckFrame>(again => again.Duplicate == true);
        await ada.SendAsync(new SendFrame("elsewhere", "m2", "hello"));
        await ada.NextAsync<NackFrame>();
        await ada.SendAsync(new JoinFrame("counted", new Position(ack.Epoch, 0)));
        await ada.NextAsync<JoinedFrame>(joined => joined.Recovered);
        await ada.SendAsync(new JoinFrame("counted", new Position("another", 7)));
        await ada.NextAsync<JoinedFrame>(joined => !joined.Recovered);

        Assert.Equal((1, 1, 1), (sends.Count("stored"), sends.Count("duplicate"), sends.Count(ErrorCode.NotJoined)));
        Assert.Equal(1, rejects.Count(ErrorCode.NotJoined));
        await Within.True(10, () => Task.FromResult(resumes.Count("gap") == 1), "the second resume is counted");
        Assert.Equal(1, resumes.Count("recovered"));
    }

    [Fact]
    public async Task A_publication_counts_its_way_to_each_member_and_its_wait_on_the_lane()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var deliveries = new MetricRecorder("chat.delivery.duration", node.Get<NodeMetrics>());
        using var lag = new MetricRecorder("chat.publication.lag", node.Get<NodeMetrics>());
        using var lanes = new MetricRecorder("chat.lane.duration", node.Get<NodeMetrics>());
        using var appends = new MetricRecorder("chat.append.duration", node.Get<NodeMetrics>());
        await using var ada = await node.JoinAsync("ada", "timed");
        await using var bob = await node.JoinAsync("bob", "timed");

        await ada.SendAsync(new SendFrame("timed", "m1", "hello"));
        await ada.NextAsync<AckFrame>();

        await Within.True(10, () => Task.FromResult(deliveries.Count("") == 2), "both members' deliveries");
        Assert.Equal((1, 1), (lag.Count(""), appends.Count("")));
        Assert.InRange(lanes.Count(""), 1, long.MaxValue);
    }

    [Fact]
    public async Task What_waits_for_a_slow_member_takes_as_long_as_it_waits()
    {
        var clock = new FakeTimeProvider();
        using var metrics = TestMetrics.Create();
        var seconds = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, enabler) =>
        {
            if (instrument.Meter == metrics.Meter && instrument.Name == "chat.delivery.duration")
            {
                enabler.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => seconds.Add(value));
        listener.Start();
        var sink = new TestSink(takes: 0);
        var queue = new OutboundQueue(sink, int.MaxValue);
        var timer = metrics.StartDelivery(clock.GetUtcNow() - TimeSpan.FromSeconds(1), clock);

        queue.TryEnqueue(OutboundFrame.Text("{}"u8, timer));
        sink.EndTurn();
        queue.TryEnqueue(OutboundFrame.Text("{}"u8, timer));
        Assert.Equal((true, 8), (queue.IsBehind, queue.QueuedBytes));
        clock.Advance(TimeSpan.FromSeconds(2));
        var progress = queue.ProgressAsync();
        sink.Free(int.MaxValue);
        Assert.True(await Within.Seconds(10, progress.WaitAsync, "the peer has taken it"));

        Assert.Equal([1, 3], seconds);
        Assert.Equal((false, 0), (queue.IsBehind, queue.QueuedBytes));
    }

    [Theory]
    [InlineData(4001, "4001")]
    [InlineData(1006, "1006")]
    [InlineData(4242, "other")]
    public void A_close_code_of_the_peers_choosing_is_one_among_others(int code, string counted)
    {
        using var metrics = TestMetrics.Create();
        using var closed = new MetricRecorder("chat.connections.closed", metrics);

        metrics.Closed(code);

        Assert.Equal(1, closed.Count(counted));
    }
}
