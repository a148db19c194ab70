using System.IO.Compression;
using System.Net;
using System.Text;
using Aspire.Local.Dashboard.Telemetry.Logs;
using Aspire.Local.Dashboard.Telemetry.Metrics;
using Aspire.Local.Dashboard.Telemetry.Model;
using Aspire.Local.Dashboard.Telemetry.Traces;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class OtlpReceiverTests
{
    [Fact]
    public async Task Spans_are_kept_with_their_instance()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.PostAsync("/v1/traces", OtlpRequests.Traces(OtlpRequests.Span(1), OtlpRequests.Span(2, parent: 1)));

        Assert.Equal((HttpStatusCode.OK, "application/x-protobuf"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Null(ExportTraceServiceResponse.Parser.ParseFrom(await BodyAsync(response)).PartialSuccess);
        var trace = Assert.Single(dashboard.Get<TraceStore>().Snapshot().Traces);
        Assert.Equal((OtlpRequests.TraceIdText, 2, "node-abcdefgh"), (trace.Id.ToString(), trace.Spans.Count, trace.Root.Instance.ResourceId));
        Assert.Equal(("receive", SpanKind.Server, 2_000_000L, "lobby"),
            (trace.Root.Name, trace.Root.Kind, trace.Root.DurationNanos, trace.Root.Attributes.Find("room")));
    }

    [Fact]
    public async Task Spans_without_ids_are_rejected_and_the_rest_is_kept()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var broken = OtlpRequests.Span(1);
        broken.TraceId = ByteString.CopyFromUtf8("short");

        using var response = await dashboard.PostAsync("/v1/traces", OtlpRequests.Traces(broken, OtlpRequests.Span(2)));

        Assert.Equal(1, ExportTraceServiceResponse.Parser.ParseFrom(await BodyAsync(response)).PartialSuccess.RejectedSpans);
        Assert.Equal(1, dashboard.Get<TraceStore>().Snapshot().Spans);
    }

    [Fact]
    public async Task Gzip_is_read()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.PostAsync("/v1/traces", Gzip(OtlpRequests.Traces(OtlpRequests.Span(1)).ToByteArray()), encoding: "gzip");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, dashboard.Get<TraceStore>().Snapshot().Spans);
    }

    [Fact]
    public async Task Log_record_gets_its_text_level_and_trace()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var record = new LogRecord
        {
            TimeUnixNano = 5,
            SeverityNumber = 13,
            Body = new AnyValue { StringValue = "{Room} is full" },
            TraceId = ByteString.CopyFrom(OtlpRequests.TraceId),
            Attributes = { OtlpRequests.Attribute("Room", "lobby") },
        };

        using var response = await dashboard.PostAsync("/v1/logs", OtlpRequests.Logs(record));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var entry = Assert.Single(dashboard.Get<LogStore>().Snapshot().Entries);
        Assert.Equal((LogSeverity.Warning, "lobby is full", "Chat.Node", OtlpRequests.TraceIdText),
            (entry.Severity, entry.Message, entry.Category, entry.TraceId.ToString()));
    }

    [Fact]
    public async Task Kinds_of_metrics_that_are_not_kept_are_counted_as_rejected()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var counter = new Metric
        {
            Name = "chat.messages",
            Sum = new Sum { IsMonotonic = true, AggregationTemporality = AggregationTemporality.Cumulative, DataPoints = { new NumberDataPoint { TimeUnixNano = 1, AsInt = 7 } } },
        };
        var summary = new Metric { Name = "old", Summary = new Summary { DataPoints = { new UnreadDataPoint(), new UnreadDataPoint() } } };

        using var response = await dashboard.PostAsync("/v1/metrics", OtlpRequests.Metrics(counter, summary));

        Assert.Equal(2, ExportMetricsServiceResponse.Parser.ParseFrom(await BodyAsync(response)).PartialSuccess.RejectedDataPoints);
        var instance = dashboard.Get<Aspire.Local.Dashboard.Telemetry.InstanceRegistry>().All()[0];
        Assert.Equal("chat.messages", Assert.Single(dashboard.Get<MetricStore>().Instruments(instance)).Id.Name);
    }

    [Theory]
    [InlineData("/v1/traces", "application/json", null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/v1/traces", "application/x-protobuf", "br", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/v1/traces", "application/x-protobuf", null, HttpStatusCode.BadRequest)]
    [InlineData("/v1/logs", "application/x-protobuf", "gzip", HttpStatusCode.BadRequest)]
    [InlineData("/v1/metrics", "application/x-protobuf", null, HttpStatusCode.BadRequest)]
    [InlineData("/v1/profiles", "application/x-protobuf", null, HttpStatusCode.NotFound)]
    public async Task Bad_request_is_refused_with_a_status_message(string path, string contentType, string? encoding, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.PostAsync(path, Encoding.UTF8.GetBytes("this is no protobuf"), contentType, encoding);

        Assert.Equal(expected, response.StatusCode);
        Assert.NotEmpty(Google.Rpc.Status.Parser.ParseFrom(await BodyAsync(response)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_large_a_request_is_refused_also_when_it_was_small_on_the_wire(bool isGzip)
    {
        await using var dashboard = await TestDashboard.StartAsync("--Dashboard:Limits:RequestBytesMax=100000");
        var large = OtlpRequests.Traces(OtlpRequests.Span(1, name: new string('x', 200_000))).ToByteArray();

        using var response = await dashboard.PostAsync("/v1/traces", isGzip ? Gzip(large) : large, encoding: isGzip ? "gzip" : null);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(0, dashboard.Get<TraceStore>().Snapshot().Spans);
    }

    [Fact]
    public async Task Long_attribute_is_cut()
    {
        await using var dashboard = await TestDashboard.StartAsync("--Dashboard:Limits:AttributeLengthMax=64");

        using var response = await dashboard.PostAsync("/v1/traces", OtlpRequests.Traces(OtlpRequests.Span(1, name: new string('x', 500))));

        Assert.Equal(65, dashboard.Get<TraceStore>().Snapshot().Traces[0].Root.Name.Length);
    }

    [Fact]
    public async Task Only_post_is_taken()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.Otlp.GetAsync("/v1/traces", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Damaged_bytes_never_cost_more_than_a_400()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var whole = OtlpRequests.Traces(OtlpRequests.Span(1), OtlpRequests.Span(2, parent: 1)).ToByteArray();
        var damaged = Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length]);

        await damaged.SampleAsync(async damage =>
        {
            var (at, value, length) = damage;
            var bytes = whole.ToArray();
            bytes[at] = value;

            using var response = await dashboard.PostAsync("/v1/traces", bytes[..length]);

            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, response.StatusCode.ToString());
        }, iter: 300, threads: 1);
    }

    private static Task<byte[]> BodyAsync(HttpResponseMessage response) =>
        response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

    private static byte[] Gzip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return zipped.ToArray();
    }
}
