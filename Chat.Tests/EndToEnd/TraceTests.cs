using Chat.Tests.Cluster;
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
        var receive = Assert.Single(trace, span => span.Span.Name == "receive lobby");
        var append = Assert.Single(trace, span => span.Span.Name == "append lobby");
        var delivers = trace.Where(span => span.Span.Name == "deliver lobby").ToArray();

        Assert.Equal(receive.Span.SpanId, append.Span.ParentSpanId);
        Assert.All(delivers, deliver => Assert.Equal(append.Span.SpanId, deliver.Span.ParentSpanId));
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
        });
    }
}
