using Chat.Client;
using Chat.Protocol.Frames;
using Chat.Tests.Cluster;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using OpenTelemetry.Proto.Trace.V1;

namespace Chat.Tests.EndToEnd;

[Collection(ClusterSuite.Name)]
public sealed class TraceTests
{
    [Fact]
    public async Task One_trace_follows_a_message_from_the_node_it_entered_to_every_node_that_delivers_it()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2, otlp: collector.Url);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        var (adas, bobs) = (await ada.JoinAsync("lobby"), await bob.JoinAsync("lobby"));

        var position = await adas.SendAsync("hello");

        Assert.Equal("hello", (await bobs.TakeAsync(1)).Single().Text);
        var trace = await collector.TraceAsync(
            spans => spans.Count(span => span.Span.Name == "deliver lobby") == 2 && spans.Any(span => span.Span.Name == "receive lobby"));
        var connect = await collector.SpanAsync(span => span.Span.Name == "connect" && span.Instance == ada.Status.Node);
        var handshake = await collector.SpanAsync(span => span.Span.SpanId == connect.Span.ParentSpanId);
        var receive = Assert.Single(trace, span => span.Span.Name == "receive lobby");
        var append = Assert.Single(trace, span => span.Span.Name == "append lobby");
        var call = Assert.Single(trace, span => span.Span.Name == "EVALSHA append");
        var delivers = trace.Where(span => span.Span.Name == "deliver lobby").ToArray();

        Assert.Equal(receive.Span.SpanId, append.Span.ParentSpanId);
        Assert.All(delivers, deliver => Assert.Equal(append.Span.SpanId, deliver.Span.ParentSpanId));
        Assert.Equal((append.Span.SpanId, Span.Types.SpanKind.Client), (call.Span.ParentSpanId, call.Span.Kind));
        Assert.InRange(call.Span.EndTimeUnixNano, call.Span.StartTimeUnixNano + 1, append.Span.EndTimeUnixNano);
        Assert.True(receive.LinksTo(connect));
        Assert.Equal(("handshake", connect.Span.TraceId), (handshake.Span.Name, handshake.Span.TraceId));
        Assert.Equal([ada.Status.Node, ada.Status.Node], [receive.Instance, append.Instance]);
        Assert.Equal(
            new HashSet<string?> { ada.Status.Node, bob.Status.Node }, delivers.Select(deliver => (string?)deliver.Instance).ToHashSet());
        Assert.Equal((Span.Types.SpanKind.Producer, Span.Types.SpanKind.Consumer), (append.Span.Kind, delivers[0].Span.Kind));
        Assert.All(delivers, deliver =>
        {
            Assert.Equal("lobby", deliver.Attribute("messaging.destination.name").StringValue);
            Assert.Equal("process", deliver.Attribute("messaging.operation.type").StringValue);
            Assert.Equal(position.Offset, deliver.Attribute("chat.position.offset").IntValue);
            Assert.Equal(deliver.Instance, deliver.Attribute("chat.node.id").StringValue);
            Assert.Equal(1, deliver.Attribute("chat.recipients").IntValue);
            Assert.InRange(deliver.Attribute("chat.slowest_write_ms").DoubleValue, 0, 10_000);
        });
    }

    [Fact]
    public async Task A_resume_on_another_node_links_to_what_it_brought_and_nothing_that_polls_makes_a_trace()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2, otlp: collector.Url);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        await bob.JoinAsync("lobby");
        var adas = await ada.JoinAsync("lobby");
        var before = await adas.SendAsync("seen");
        await adas.SendAsync("missed");
        var token = await DevelopmentLogin.LoginAsync(app.Http, app.Balancer, "carol", TestContext.Current.CancellationToken);

        await using var carol = await FramePeer.ConnectAsync(app.Balancer, token);
        await carol.SendAsync(new JoinFrame("lobby", before));
        Assert.True((await carol.NextAsync<JoinedFrame>()).Recovered);

        var resume = await collector.SpanAsync(span => span.Span.Name == "resume lobby");
        var missed = await collector.SpanAsync(span =>
            span.Span.Name == "append lobby" && span.Attribute("chat.position.offset").IntValue == before.Offset + 1);
        var seen = await collector.SpanAsync(span =>
            span.Span.Name == "append lobby" && span.Attribute("chat.position.offset").IntValue == before.Offset);
        var connect = await collector.SpanAsync(span =>
            span.Span.Name == "connect" && span.Attribute("chat.connection.id").Equals(resume.Attribute("chat.connection.id")));
        Assert.Equal((true, true, false), (resume.LinksTo(missed), resume.LinksTo(connect), resume.LinksTo(seen)));
        Assert.Equal(1, resume.Attribute("messaging.batch.message_count").IntValue);

        // Leases, probes, canaries and presence have gone on all the time.
        var roots = collector.Spans.Where(span => span.Span.ParentSpanId.IsEmpty).Select(span => span.Span.Name).ToHashSet();
        Assert.Subset(new HashSet<string> { "handshake", "forward", "receive lobby", "join lobby", "resume lobby" }, roots);
        Assert.False(collector.HasSeen(token));
        Assert.False(collector.HasSeen("missed"));
    }
}
