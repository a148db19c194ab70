using System.Diagnostics;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Telemetry;

/// <summary>The spans of a node in this process, one room for each test: other tests' spans are recorded too.</summary>
public sealed class NodeSpanTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Traceparent = $"00-{Trace}-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task A_message_is_received_appended_and_delivered_in_one_trace_with_the_time_at_Redis(RedisServerKind kind)
    {
        await using var redis = await TestRedis.StartAsync(kind);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        var room = $"hop-{kind}";
        await using var ada = await node.JoinAsync("ada", room);

        await ada.SendAsync(new SendFrame(room, "m1", "hello"));
        await ada.NextAsync<AckFrame>();

        var (receive, append) = (await recorder.NamedAsync($"receive {room}"), await recorder.NamedAsync($"append {room}"));
        var call = await recorder.FirstAsync(span => span.DisplayName == "EVALSHA append" && span.ParentSpanId == append.SpanId, "EVALSHA append");
        var deliver = await recorder.NamedAsync($"deliver {room}");
        Assert.Equal((receive.SpanId, append.SpanId, append.SpanId), (append.ParentSpanId, call.ParentSpanId, deliver.ParentSpanId));
        Assert.Equal(
            (ActivityKind.Server, ActivityKind.Producer, ActivityKind.Client, ActivityKind.Consumer),
            (receive.Kind, append.Kind, call.Kind, deliver.Kind));
        Assert.Equal(("redis", "append"), (call.GetTagItem("db.system.name"), call.GetTagItem("db.stored_procedure.name")));
        Assert.Equal((1, 0), (deliver.GetTagItem("chat.recipients"), deliver.GetTagItem("chat.recipients.behind")));
        Assert.InRange((double)deliver.GetTagItem("chat.slowest_write_ms")!, 0, deliver.Duration.TotalMilliseconds);
        Assert.Equal(receive.GetTagItem("chat.connection.id"), deliver.GetTagItem("chat.slowest_write.connection"));
        var connect = await recorder.FirstAsync(
            span => span.OperationName == "connect" && Equals(span.GetTagItem("chat.connection.id"), receive.GetTagItem("chat.connection.id")), "connect");
        Assert.Equal(connect.Context.SpanId, Assert.Single(receive.Links).Context.SpanId);
        Assert.NotEqual(connect.TraceId, receive.TraceId);
    }

    [Fact]
    public async Task A_clients_trace_is_the_messages_until_it_asks_too_often()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0", "ClientTracesBurst=1", "ClientTracesPerSecond=0.001");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        await using var ada = await node.JoinAsync("ada", "budget");

        foreach (var id in (string[])["m1", "m2"])
        {
            await ada.SendAsync(new SendFrame("budget", id, "hello", Traceparent));
            await ada.NextAsync<AckFrame>();
        }

        var first = await ReceivedAsync(recorder, "budget", "m1");
        var second = await ReceivedAsync(recorder, "budget", "m2");
        Assert.Equal((Trace, "00f067aa0ba902b7"), (first.TraceId.ToHexString(), first.ParentSpanId.ToHexString()));
        Assert.NotEqual(Trace, second.TraceId.ToHexString());
        Assert.Contains(second.Links, link => link.Context.TraceId.ToHexString() == Trace);
    }

    [Fact]
    public async Task What_is_not_valid_becomes_no_part_of_any_span()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        await using var ada = await node.JoinAsync("ada", "valid");
        var junk = "junk-" + new string('x', 10_000);

        await ada.SendAsync(new SendFrame(junk, "m1", "hello", Traceparent));
        await ada.SendAsync(new SendFrame("valid", junk, "hello", Traceparent));
        await ada.SendAsync(new JoinFrame(junk));
        await ada.SendAsync(new SendFrame("valid", "m2", "hello"));
        await ada.NextAsync<AckFrame>();

        await ReceivedAsync(recorder, "valid", "m2");
        Assert.DoesNotContain(
            recorder.Spans,
            span => span.DisplayName.Contains("junk", StringComparison.Ordinal)
                || span.TagObjects.Any(tag => $"{tag.Value}".Contains("junk", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_direct_room_names_no_span_after_its_users()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        await using var ada = await node.JoinAsync("ada-direct", "dm:ada-direct:bob");

        await ada.SendAsync(new SendFrame("dm:ada-direct:bob", "m1", "hello"));
        await ada.NextAsync<AckFrame>();

        var deliver = await recorder.FirstAsync(
            span => span.OperationName == "deliver" && Equals(span.GetTagItem("messaging.destination.name"), "dm:ada-direct:bob"), "deliver");
        Assert.Equal("deliver dm:{user}:{user}", deliver.DisplayName);
    }

    [Fact]
    public async Task A_resume_links_to_what_it_brought()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);

        // Without messages of its own the node has to read the log.
        await using var node = await TestNode.StartAsync(redis, "n0", "TraceLinksMax=2", "FeedsBytesMax=0");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        await using var ada = await node.JoinAsync("ada", "resumed");
        var acks = new List<AckFrame>();
        foreach (var id in (string[])["m1", "m2", "m3", "m4"])
        {
            await ada.SendAsync(new SendFrame("resumed", id, "hello"));
            acks.Add(await ada.NextAsync<AckFrame>());
        }

        await using var bob = await node.ConnectAsync("bob");
        await bob.SendAsync(new JoinFrame("resumed", new Position(acks[0].Epoch, acks[0].Offset)));
        await bob.NextAsync<JoinedFrame>();

        var resume = await recorder.NamedAsync("resume resumed");
        var appends = recorder.Spans.Where(span => span.DisplayName == "append resumed").OrderBy(span => span.GetTagItem("chat.position.offset")).ToArray();
        var linked = resume.Links.Select(link => link.Context.SpanId).ToHashSet();
        Assert.Equal((true, 3), (resume.GetTagItem("chat.recovered"), resume.GetTagItem("messaging.batch.message_count")));

        // The limit holds for the newest; the third link is to the connection.
        Assert.Equal([false, false, true, true], appends.Select(append => linked.Contains(append.SpanId)));
        Assert.Equal(3, linked.Count);
        Assert.Contains(recorder.Spans, span => span.DisplayName == "EVALSHA read_after" && span.ParentSpanId == resume.SpanId);
    }

    [Fact]
    public async Task A_repair_links_to_what_it_brought_and_what_it_brought_links_back()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        await using var ada = await node.JoinAsync("ada", "mended");
        await ada.SendAsync(new SendFrame("mended", "m1", "hello"));
        var first = await ada.NextAsync<AckFrame>();

        await WriteUnpublishedAsync(redis, "mended", new Position(first.Epoch, first.Offset + 1));
        await ada.SendAsync(new SendFrame("mended", "m3", "hello"));
        await ada.NextAsync<MessageFrame>(message => message.Offset == first.Offset + 2);

        var repair = await recorder.NamedAsync("repair mended");
        var lost = await recorder.FirstAsync(
            span => span.DisplayName == "deliver mended" && Equals(span.GetTagItem("chat.position.offset"), first.Offset + 1), "deliver");
        Assert.Equal(("hole", "recovered"), (repair.GetTagItem("chat.repair.reason"), repair.GetTagItem("chat.repair.result")));
        Assert.Contains(repair.Links, link => link.Context.TraceId.ToHexString() == Trace);
        Assert.Equal(Trace, lost.TraceId.ToHexString());
        Assert.Equal(repair.SpanId, Assert.Single(lost.Links).Context.SpanId);
    }

    [Fact]
    public async Task A_look_at_the_log_that_finds_nothing_makes_no_trace()
    {
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await TestNode.StartAsync(redis, "n0", "RecheckPeriod=00:00:00.050");
        using var recorder = new SpanRecorder(Tracing.SourceName);
        using var repairs = new MetricRecorder("chat.repairs", node.Get<NodeMetrics>());
        await using var ada = await node.JoinAsync("ada", "quiet");

        await Within.True(10, () => Task.FromResult(repairs.Count("nothing") >= 3), "the log was looked at three times");

        Assert.DoesNotContain(recorder.Spans, span => span.DisplayName == "repair quiet");
        var joins = recorder.Spans.Where(span => span.DisplayName == "join quiet").Select(span => span.SpanId).ToHashSet();
        Assert.DoesNotContain(
            recorder.Spans, span => span.DisplayName == "EVALSHA read_chunk" && joins.Contains(span.ParentSpanId));
    }

    private static Task<Activity> ReceivedAsync(SpanRecorder recorder, string room, string id) => recorder.FirstAsync(
        span => span.DisplayName == $"receive {room}" && Equals(span.GetTagItem("messaging.message.id"), id), $"receive of {id}");

    /// <summary>A message whose publication was lost: it stands in the log, and nobody has heard of it.</summary>
    private static async Task WriteUnpublishedAsync(RedisServer redis, string room, Position position)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var publication = Publication.Encode(
            position,
            DateTimeOffset.UnixEpoch,
            new Origin("n1", DateTimeOffset.UnixEpoch, Traceparent),
            FrameCodec.EncodeTemplate(room, "m2", "bob", "lost", DateTimeOffset.UnixEpoch, "n1"));
        await client.GetDatabase().ListRightPushAsync($"chat:{{{room}}}:log", publication);
    }
}
