using System.IO.Compression;
using Chat.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace Chat.Tests.EndToEnd;

/// <param name="Instance">The process it came from: <c>service.instance.id</c>.</param>
internal sealed record CollectedSpan(Span Span, string Instance)
{
    public AnyValue Attribute(string key) => Assert.Single(Span.Attributes, attribute => attribute.Key == key).Value;

    public bool LinksTo(CollectedSpan other) =>
        Span.Links.Any(link => link.SpanId == other.Span.SpanId && link.TraceId == other.Span.TraceId);
}

/// <summary>Receives traces, metrics and logs over OTLP/HTTP and keeps them.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<CollectedSpan> _spans = [];
    private readonly List<Metric> _metrics = [];
    private readonly List<byte[]> _bodies = [];
    private int _logs;
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Log records that have come.</summary>
    public int Logs => Volatile.Read(ref _logs);

    public IReadOnlyList<CollectedSpan> Spans
    {
        get
        {
            lock (_gate)
            {
                return [.. _spans];
            }
        }
    }

    /// <summary>Each metric as often as it was exported.</summary>
    public IReadOnlyList<Metric> Metrics
    {
        get
        {
            lock (_gate)
            {
                return [.. _metrics];
            }
        }
    }

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/traces", request => collector.ReceiveAsync(request, collector.KeepTraces));
        app.MapPost("/v1/metrics", request => collector.ReceiveAsync(request, collector.KeepMetrics));
        app.MapPost("/v1/logs", request => collector.ReceiveAsync(request, collector.KeepLogs));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Waits for a trace whose spans are as asked for.</summary>
    public async Task<IReadOnlyList<CollectedSpan>> TraceAsync(Func<IReadOnlyList<CollectedSpan>, bool> isIt)
    {
        CollectedSpan[]? found = null;
        await Within.True(30, () => Task.FromResult((found = Find(isIt)) is not null), "the spans of the trace have come");
        return found!;
    }

    /// <summary>Waits for a span, whatever its trace.</summary>
    public async Task<CollectedSpan> SpanAsync(Func<CollectedSpan, bool> isIt)
    {
        CollectedSpan? found = null;
        await Within.True(30, () => Task.FromResult((found = Spans.FirstOrDefault(isIt)) is not null), "the span has come");
        return found!;
    }

    /// <summary>Whether these words stand anywhere in what was sent: names, attributes, tags, logs.</summary>
    public bool HasSeen(string words)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(words);
        lock (_gate)
        {
            return _bodies.Exists(body => body.AsSpan().IndexOf(bytes) >= 0);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private CollectedSpan[]? Find(Func<IReadOnlyList<CollectedSpan>, bool> isIt)
    {
        lock (_gate)
        {
            return _spans.GroupBy(span => span.Span.TraceId).Select(trace => trace.ToArray()).FirstOrDefault(trace => isIt(trace));
        }
    }

    private async Task ReceiveAsync(HttpContext context, Action<byte[]> keep)
    {
        var request = context.Request;
        await using var body = request.Headers.ContentEncoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, context.RequestAborted);
        lock (_gate)
        {
            _bodies.Add(bytes.ToArray());
            keep(_bodies[^1]);
        }
    }

    // Under the gate, as the next two.
    private void KeepTraces(byte[] body)
    {
        foreach (var resource in ExportTraceServiceRequest.Parser.ParseFrom(body).ResourceSpans)
        {
            var instance = resource.Resource.Attributes.Single(attribute => attribute.Key == "service.instance.id").Value.StringValue;
            _spans.AddRange(resource.ScopeSpans.SelectMany(scope => scope.Spans).Select(span => new CollectedSpan(span, instance)));
        }
    }

    private void KeepMetrics(byte[] body) => _metrics.AddRange(
        ExportMetricsServiceRequest.Parser.ParseFrom(body).ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics));

    private void KeepLogs(byte[] body) => _logs += ExportLogsServiceRequest.Parser.ParseFrom(body).ResourceLogs
        .SelectMany(resource => resource.ScopeLogs).Sum(scope => scope.LogRecords.Count);
}
