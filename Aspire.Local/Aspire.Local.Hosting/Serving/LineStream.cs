using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Aspire.Local.Hosting.Serving;

/// <summary>An answer of one JSON object a line, that goes on until somebody leaves.</summary>
internal sealed class LineStream
{
    private readonly PipeWriter _body;
    private readonly CancellationToken _cancellationToken;

    private LineStream(PipeWriter body, CancellationToken cancellationToken)
    {
        _body = body;
        _cancellationToken = cancellationToken;
    }

    public static async Task RunAsync(HttpContext context, Func<LineStream, CancellationToken, Task> write, CancellationToken stopped)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopped);
        context.Response.ContentType = "application/x-ndjson";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await context.Response.StartAsync(either.Token);
            await context.Response.BodyWriter.FlushAsync(either.Token);
            await write(new LineStream(context.Response.BodyWriter, either.Token), either.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has left, or the application stops.
        }
    }

    public void Write<T>(T value, JsonTypeInfo<T> type)
    {
        using (var json = new Utf8JsonWriter(_body))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        _body.GetSpan(1)[0] = (byte)'\n';
        _body.Advance(1);
    }

    public async Task FlushAsync() => await _body.FlushAsync(_cancellationToken);

    public Task WriteAsync<T>(T value, JsonTypeInfo<T> type)
    {
        Write(value, type);
        return FlushAsync();
    }
}
