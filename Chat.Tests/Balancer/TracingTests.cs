using System.Diagnostics;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

public sealed class TracingTests
{
    [Fact]
    public async Task Handshake_joins_the_clients_trace_and_the_nodes_joins_the_balancers()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Chat.Balancer",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node]);
        using var client = await balancer.ConnectAsync();
        var trace = ActivityTraceId.CreateRandom().ToHexString();

        await client.SendAsync(TestBalancer.WebSocketRequest.Replace("\r\n\r\n", $"\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n\r\n", StringComparison.Ordinal));
        var (head, _) = await node.AnswerAsync(TestBalancer.WebSocketResponse);
        await client.ReadHeadAsync();

        bool Found()
        {
            lock (spans)
            {
                return spans.Any(span => span.TraceId.ToHexString() == trace);
            }
        }

        await Eventually.HoldsAsync("the span has ended", Found);
        lock (spans)
        {
            var span = spans.Single(span => span.TraceId.ToHexString() == trace);
            Assert.Equal("00f067aa0ba902b7", span.ParentSpanId.ToHexString());
            Assert.Equal("a", span.GetTagItem("chat.node.id"));
            Assert.Contains($"traceparent: {span.Id}\r\n", head, StringComparison.Ordinal);
        }
    }
}
