using Google.Protobuf;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>OTLP over HTTP, protobuf only: reads a request within the limits, hands it on, answers as the specification says.</summary>
internal sealed partial class OtlpReceiver(IOptions<TelemetryLimits> options, TelemetryIntake intake, ILogger<OtlpReceiver> logger) : IDisposable
{
    private const string Protobuf = "application/x-protobuf";
    private static readonly TimeSpan TurnWait = TimeSpan.FromSeconds(5);
    private readonly TelemetryLimits _limits = options.Value;
    private readonly SemaphoreSlim _turns = new(options.Value.RequestsAtOnceMax);

    /// <summary>Answers every request of the OTLP address.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var signal = intake.SignalOf(context.Request.Path);
        var refusal = signal is null ? StatusCodes.Status404NotFound : Refusal(context.Request);
        if (signal is null || refusal != 0)
        {
            await AnswerErrorAsync(context, refusal, "Send POST /v1/traces, /v1/metrics or /v1/logs as application/x-protobuf, plain or gzip.");
            return;
        }

        // At most so many bodies are in memory; exporters retry a 503.
        if (!await _turns.WaitAsync(TurnWait, context.RequestAborted))
        {
            context.Response.Headers.RetryAfter = "1";
            await AnswerErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many requests at once.");
            return;
        }

        try
        {
            await ReceiveAsync(context, signal);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static int Refusal(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        var mediaType = request.ContentType?.Split(';')[0].Trim();
        var isKnown = string.Equals(mediaType, Protobuf, StringComparison.OrdinalIgnoreCase)
            && request.Headers.ContentEncoding.ToString() is "" or "gzip" or "identity";
        return isKnown ? 0 : StatusCodes.Status415UnsupportedMediaType;
    }

    private async Task ReceiveAsync(HttpContext context, Func<ReadOnlySpan<byte>, IMessage> signal)
    {
        try
        {
            var isGzip = context.Request.Headers.ContentEncoding == "gzip";
            using var body = await OtlpRequestBody.ReadAsync(context.Request.Body, isGzip, _limits.RequestBytesMax, context.RequestAborted);
            if (body is null)
            {
                LogTooLarge(_limits.RequestBytesMax);
                await AnswerErrorAsync(context, StatusCodes.Status413PayloadTooLarge, $"More than {_limits.RequestBytesMax} bytes.");
                return;
            }

            await AnswerAsync(context, StatusCodes.Status200OK, signal(body.Bytes));
        }
        catch (BadHttpRequestException e)
        {
            await AnswerErrorAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException)
        {
            await AnswerErrorAsync(context, StatusCodes.Status400BadRequest, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The sender left: nobody waits for an answer.
        }
    }

    private static Task AnswerErrorAsync(HttpContext context, int status, string message)
    {
        const int InvalidArgument = 3;
        return AnswerAsync(context, status, new Google.Rpc.Status { Code = InvalidArgument, Message = message });
    }

    private static async Task AnswerAsync(HttpContext context, int status, IMessage message)
    {
        var bytes = message.ToByteArray();
        context.Response.StatusCode = status;
        context.Response.ContentType = Protobuf;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Warning, "Refused an OTLP request of more than {RequestBytesMax} bytes")]
    private partial void LogTooLarge(int requestBytesMax);
}
