using System.Net.WebSockets;
using System.Text;
using Chat.Lab.Cluster;
using Chat.Protocol.Frames;
using Chat.Tests.EndToEnd;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using OpenTelemetry.Proto.Metrics.V1;

namespace Chat.Tests.Telemetry;

/// <summary>What a node sends to a collector, from the bytes that arrive there.</summary>
public sealed class ExportTests
{
    private static readonly string[] Soon =
    [
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "OTEL_METRIC_EXPORT_INTERVAL=200",
        "OTEL_BSP_SCHEDULE_DELAY=200",
        "OTEL_BLRP_SCHEDULE_DELAY=200",
        "OTEL_RESOURCE_ATTRIBUTES=service.instance.id=n0",
        "OTEL_SERVICE_NAME=node",
    ];

    [Fact]
    public async Task No_text_and_no_token_leaves_the_node()
    {
        const string Text = "marked-text-5f1c";
        await using var collector = await OtlpCollector.StartAsync();
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await StartAsync(redis, collector, "--Logging:LogLevel:Default=Trace");
        var badToken = $"{node.Token("mallory")}-marked-token-77aa";
        await using var ada = await node.JoinAsync("ada", "private");

        await ada.SendAsync(new SendFrame("private", "marked-id", Text));
        await ada.NextAsync<AckFrame>();
        await ada.SendAsync(new SendFrame("elsewhere", "m2", Text));
        await ada.SendAsync(new SendFrame("private", "m3", Text + new string('x', 5000)));
        await SendRawAsync(node, $$"""{"type":"send","room":"private","id":7,"text":"{{Text}}"}""");
        await SendRawAsync(node, $$"""{"type":"{{Text}}","text":{{Text}}""");
        await ada.SendAsync(new RefreshFrame(badToken));
        await ada.SendAsync(new HistoryRequestFrame("private", 100, 10));
        await ada.NextAsync<HistoryFrame>();
        await using (var stranger = await FramePeer.ConnectAsync(node.Url, badToken))
        {
            await stranger.ClosedAsync();
        }

        using (var http = new HttpClient())
        {
            using var page = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Url, "/api/rooms/private/messages"));
            page.Headers.Authorization = new("Bearer", node.Token("ada"));
            Assert.Contains(Text, await (await http.SendAsync(page, CancellationToken.None)).Content.ReadAsStringAsync(CancellationToken.None), StringComparison.Ordinal);

            // No handshake: the HTTP server gets it, token in the query and all.
            (await http.GetAsync(new Uri(node.Url, $"/ws?access_token={badToken}"), CancellationToken.None)).Dispose();
        }

        await collector.SpanAsync(span => span.Span.Name == "deliver private");
        await collector.SpanAsync(span => span.Span.Attributes.Any(attribute => attribute.Value.StringValue == "/api/rooms/{room}/messages"));
        await Within.True(30, () => Task.FromResult(collector.Metrics.Any(metric => metric.Name == "chat.rejects") && collector.Logs > 10), "metrics and logs have come");
        await node.StopAsync();
        Assert.True(collector.HasSeen("marked-id"));
        Assert.False(collector.HasSeen(Text));
        Assert.False(collector.HasSeen("marked-token-77aa"));
        Assert.False(collector.HasSeen(node.Token("mallory").Split('.')[2]));
    }

    [Fact]
    public async Task A_measurement_in_a_recorded_trace_leads_to_it()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await StartAsync(redis, collector);
        await using var ada = await node.JoinAsync("ada", "exemplary");

        await ada.SendAsync(new SendFrame("exemplary", "m1", "hello"));
        await ada.NextAsync<AckFrame>();

        var append = await collector.SpanAsync(span => span.Span.Name == "append exemplary");
        var deliver = await collector.SpanAsync(span => span.Span.Name == "deliver exemplary");
        Assert.Equal(append.Span.SpanId, (await ExemplarAsync(collector, "chat.append.duration")).SpanId);
        Assert.Equal(deliver.Span.SpanId, (await ExemplarAsync(collector, "chat.delivery.duration")).SpanId);
        Assert.Equal(append.Span.TraceId, deliver.Span.TraceId);
    }

    [Fact]
    public async Task Probes_make_no_trace()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var node = await StartAsync(redis, collector);
        using var http = new HttpClient();

        (await http.GetAsync(new Uri(node.Url, "/health/ready"), CancellationToken.None)).Dispose();
        (await http.GetAsync(new Uri(node.Url, "/health/live"), CancellationToken.None)).Dispose();
        (await http.GetAsync(new Uri(node.Url, "/api/rooms"), CancellationToken.None)).Dispose();

        await collector.SpanAsync(span => span.Span.Attributes.Any(attribute => attribute.Value.StringValue == "/api/rooms"));
        Assert.DoesNotContain(
            collector.Spans, span => span.Span.Attributes.Any(attribute => attribute.Value.StringValue.StartsWith("/health", StringComparison.Ordinal)));
    }

    private static Task<TestNode> StartAsync(RedisServer redis, OtlpCollector collector, params string[] arguments) =>
        TestNode.StartAsync(redis.ConnectionString, "n0", [], [$"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url}", .. Soon.Select(setting => $"--{setting}"), .. arguments]);

    private static async Task<Exemplar> ExemplarAsync(OtlpCollector collector, string metric)
    {
        Exemplar? found = null;
        await Within.True(
            30,
            () => Task.FromResult((found = collector.Metrics
                .Where(exported => exported.Name == metric)
                .SelectMany(exported => exported.Histogram.DataPoints)
                .SelectMany(point => point.Exemplars)
                .FirstOrDefault()) is not null),
            $"an exemplar of {metric}");
        return found!;
    }

    /// <summary>One text message that no client of ours would send, to a connection of its own.</summary>
    private static async Task SendRawAsync(TestNode node, string message)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {node.Token("eve")}");
        await socket.ConnectAsync(new UriBuilder(node.Url) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("\"error\"", StringComparison.Ordinal))
        {
            var read = await Within.Seconds(10, token => socket.ReceiveAsync(buffer, token), "an error frame");
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read.Count));
        }
    }
}
