using System.IO.Compression;
using Chat.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace Chat.Tests.EndToEnd;

/// <param name="Instance">The process it came from: <c>service.instance.id</c>.</param>
internal sealed record CollectedSpan(Span Span, string Instance)
{
    public AnyValue Attribute(string key) => Assert.Single(Span.Attributes, attribute => attribute.Key == key).Value;
}

/// <summary>Receives traces over OTLP/HTTP and keeps them.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<CollectedSpan> _spans = [];
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new OtlpCollector(app);
        app.MapPost("/v1/traces", collector.ReceiveAsync);
        app.MapPost("/v1/{signal}", () => Results.Ok());
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

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private CollectedSpan[]? Find(Func<IReadOnlyList<CollectedSpan>, bool> isIt)
    {
        lock (_gate)
        {
            return _spans.GroupBy(span => span.Span.TraceId).Select(trace => trace.ToArray()).FirstOrDefault(trace => isIt(trace));
        }
    }

    private async Task ReceiveAsync(HttpRequest request)
    {
        await using var body = request.Headers.ContentEncoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
        var export = ExportTraceServiceRequest.Parser.ParseFrom(bytes.ToArray());
        lock (_gate)
        {
            foreach (var resource in export.ResourceSpans)
            {
                var instance = resource.Resource.Attributes.Single(attribute => attribute.Key == "service.instance.id").Value.StringValue;
                _spans.AddRange(resource.ScopeSpans.SelectMany(scope => scope.Spans).Select(span => new CollectedSpan(span, instance)));
            }
        }
    }
}
