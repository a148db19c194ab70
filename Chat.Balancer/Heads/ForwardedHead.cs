using System.Buffers;
using System.Globalization;
using System.Text;
using Chat.Protocol;

namespace Chat.Balancer.Heads;

/// <summary>Writes the heads that leave the balancer: what belongs to one hop is dropped, the rest goes on unchanged.</summary>
internal static class ForwardedHead
{
    /// <param name="keepAlive">The node's connection is to serve another request.</param>
    /// <param name="traceparent">Of this hop's span, or null to pass the client's on.</param>
    public static ReadOnlyMemory<byte> Request(RequestHead request, Forwarding forwarding, bool keepAlive, string? traceparent)
    {
        var writer = new ArrayBufferWriter<byte>(1024);
        Write(writer, $"{request.Method} {request.Target} HTTP/1.{(request.IsHttp11 ? '1' : '0')}\r\n");
        if (request.Host is { } name)
        {
            Write(writer, $"Host: {name}\r\n");
        }

        for (var i = 0; i < request.Fields.Count; i++)
        {
            if (!request.Fields.Is(i, "host"u8) && GoesOn(request.Fields, i) && !IsForwarding(request.Fields, i)
                && !(traceparent is not null && request.Fields.Is(i, "traceparent"u8)))
            {
                WriteField(writer, request.Fields, i);
            }
        }

        Write(writer, $"X-Forwarded-For: {forwarding.ClientAddress}\r\nX-Forwarded-Proto: {forwarding.Scheme}\r\n");
        Write(writer, $"Via: 1.{(request.IsHttp11 ? '1' : '0')} {forwarding.Balancer}\r\n{NodeControlCodec.BalancerHeader}: {forwarding.Balancer}\r\n");
        if (request.Host is { } host)
        {
            Write(writer, $"X-Forwarded-Host: {host}\r\n");
        }

        if (traceparent is not null)
        {
            Write(writer, $"traceparent: {traceparent}\r\n");
        }

        WriteFraming(writer, request.Framing);
        Write(writer, request.IsWebSocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            : keepAlive ? "Connection: keep-alive\r\n\r\n"
            : "Connection: close\r\n\r\n");
        return writer.WrittenMemory;
    }

    public static ReadOnlyMemory<byte> Response(ResponseHead response, bool keepAlive)
    {
        var writer = new ArrayBufferWriter<byte>(512);
        Write(writer, $"HTTP/1.1 {response.Status} {response.Phrase}\r\n");
        for (var i = 0; i < response.Fields.Count; i++)
        {
            // A response to HEAD, and a 304, names the length of a body that does not follow.
            var lengthOnly = response.Framing.Kind == BodyKind.None && response.Status is >= 200 and not 204
                && response.Fields.Is(i, "content-length"u8);
            // It names what the client has to speak instead.
            var required = response.Status == 426 && response.Fields.Is(i, "upgrade"u8);
            if (GoesOn(response.Fields, i) || lengthOnly || required)
            {
                WriteField(writer, response.Fields, i);
            }
        }

        WriteFraming(writer, response.Framing);
        Write(writer, response.Status == 101 ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            : response.IsInterim ? "\r\n"
            : response.Status == 426 ? $"Connection: Upgrade, {(keepAlive ? "keep-alive" : "close")}\r\n\r\n"
            : keepAlive ? "Connection: keep-alive\r\n\r\n"
            : "Connection: close\r\n\r\n");
        return writer.WrittenMemory;
    }

    /// <summary>False for the fields of one hop, those the sender's Connection names, and those written anew.</summary>
    private static bool GoesOn(HeaderFields fields, int index)
    {
        if (fields.Is(index, "host"u8))
        {
            return true;
        }

        return !(fields.Is(index, "connection"u8) || fields.Is(index, "keep-alive"u8) || fields.Is(index, "proxy-connection"u8)
            || fields.Is(index, "proxy-authorization"u8) || fields.Is(index, "proxy-authenticate"u8)
            || fields.Is(index, "te"u8) || fields.Is(index, "trailer"u8)
            || fields.Is(index, "upgrade"u8) || fields.Is(index, "transfer-encoding"u8) || fields.Is(index, "content-length"u8)
            || fields.ConnectionHas(fields.Name(index)));
    }

    /// <summary>Claims about where a request came from are this balancer's to make.</summary>
    private static bool IsForwarding(HeaderFields fields, int index) =>
        fields.Is(index, "forwarded"u8) || fields.Is(index, "x-chat-balancer"u8) || fields.Is(index, "x-real-ip"u8)
        || Ascii.EqualsIgnoreCase(fields.Name(index)[..Math.Min(12, fields.Name(index).Length)], "x-forwarded-"u8);

    private static void WriteFraming(ArrayBufferWriter<byte> writer, BodyFraming framing)
    {
        if (framing.Kind == BodyKind.Length)
        {
            Write(writer, $"Content-Length: {framing.Length.ToString(CultureInfo.InvariantCulture)}\r\n");
        }
        else if (framing.Kind == BodyKind.Chunked)
        {
            Write(writer, "Transfer-Encoding: chunked\r\n");
        }
    }

    private static void WriteField(ArrayBufferWriter<byte> writer, HeaderFields fields, int index)
    {
        writer.Write(fields.Name(index));
        writer.Write(": "u8);
        writer.Write(fields.Value(index));
        writer.Write("\r\n"u8);
    }

    private static void Write(ArrayBufferWriter<byte> writer, string text)
    {
        var span = writer.GetSpan(text.Length);
        writer.Advance(Encoding.Latin1.GetBytes(text, span));
    }
}
