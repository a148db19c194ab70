using System.Text;

namespace Chat.Balancer.Heads;

/// <summary>
/// Parses one request head, all or nothing. What RFC 9112 lets a recipient repair (bare line feeds, folded lines, repeated lengths)
/// is refused: a repair that the node makes differently is a smuggled request.
/// </summary>
/// <param name="limits">A head with more bytes is refused, complete or not.</param>
internal sealed class RequestHeadParser(HeadLimits limits)
{
    /// <param name="received">All bytes of the connection that no request has used yet.</param>
    /// <param name="seen">As many of them were there, and were looked at, the last time: a head that comes byte by byte is searched once.</param>
    public ParsedRequest Parse(ReadOnlySpan<byte> received, int seen = 0)
    {
        // An empty line in front of a request is some client's way to end the one before: RFC 9112, 2.2.
        var skipped = received.StartsWith("\r\n"u8) ? 2 : 0;
        received = received[skipped..];
        seen = Math.Max(0, seen - skipped);
        if (!received.IsEmpty && !(skipped == 0 && received[0] == '\r') && !Grammar.IsToken(received[..1]))
        {
            // Nothing that begins like this becomes a request: TLS on the wrong port, for one.
            return ParsedRequest.Refuse(received[0] == '\n' || received[0] == '\r' ? Refusal.BadLineBreak : Refusal.BadRequestLine);
        }

        var from = Math.Max(0, seen - 3);
        var end = received[from..].IndexOf("\r\n\r\n"u8);
        end = end < 0 ? end : end + from;
        if (end < 0 || end + 4 > limits.BytesMax)
        {
            seen -= seen > 0 && received[seen - 1] == '\r' ? 1 : 0;
            var unseen = received[Math.Min(seen, limits.BytesMax)..Math.Min(received.Length, limits.BytesMax)];
            return HasBareBreak(unseen) ? ParsedRequest.Refuse(Refusal.BadLineBreak)
                : received.Length >= limits.BytesMax ? ParsedRequest.Refuse(Refusal.BigHead)
                : ParsedRequest.Incomplete;
        }

        var head = received[..(end + 2)].ToArray();
        if (HasBareBreak(head))
        {
            return ParsedRequest.Refuse(Refusal.BadLineBreak);
        }

        var refusal = ParseHead(head, out var request);
        return refusal is null ? new ParsedRequest(request, skipped + end + 4, null) : ParsedRequest.Refuse(refusal);
    }

    private Refusal? ParseHead(byte[] head, out RequestHead? request)
    {
        request = null;
        var lineLength = head.AsSpan().IndexOf("\r\n"u8);
        var refusal = ParseRequestLine(head.AsSpan(0, lineLength), out var method, out var target, out var authority, out var isHttp11);
        if (refusal is not null)
        {
            return refusal;
        }

        var fields = new HeaderFields(head);
        string? host = null;
        var framing = BodyFraming.None;
        var isWebSocket = false;
        refusal = fields.Parse(lineLength + 2, head.Length, limits)
            ?? ParseHost(fields, isHttp11, out host)
            ?? BodyFraming.Read(fields, isHttp11, out framing)
            ?? ParseUpgrade(fields, method, isHttp11, framing, out isWebSocket)
            ?? CheckExpectation(fields);
        if (refusal is not null)
        {
            return refusal;
        }

        var keepAlive = isHttp11 && !fields.ConnectionHas("close"u8);
        request = new RequestHead(method, target, isHttp11, authority ?? host, fields, framing, isWebSocket, keepAlive);
        return null;
    }

    private static Refusal? ParseRequestLine(
        ReadOnlySpan<byte> line, out string method, out string target, out string? authority, out bool isHttp11)
    {
        (method, target, authority, isHttp11) = ("", "", null, false);
        var first = line.IndexOf((byte)' ');
        var last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last <= first || first > 32 || !Grammar.IsToken(line[..first]))
        {
            return Refusal.BadRequestLine;
        }

        isHttp11 = line[(last + 1)..].SequenceEqual("HTTP/1.1"u8);
        if (!isHttp11 && !line[(last + 1)..].SequenceEqual("HTTP/1.0"u8))
        {
            return line[(last + 1)..].StartsWith("HTTP/"u8) ? Refusal.BadVersion : Refusal.BadRequestLine;
        }

        method = Grammar.Text(line[..first]);
        if (method is "CONNECT" or "TRACE")
        {
            return Refusal.BadMethod;
        }

        return ParseTarget(line[(first + 1)..last], method, out target, out authority);
    }

    /// <param name="authority">Null unless the target names one: then it counts, and not the Host field (RFC 9112, 3.2.2).</param>
    private static Refusal? ParseTarget(ReadOnlySpan<byte> text, string method, out string target, out string? authority)
    {
        (target, authority) = ("", null);
        if (text.SequenceEqual("*"u8) && method == "OPTIONS")
        {
            target = "*";
            return null;
        }

        var scheme = StartsWithIgnoreCase(text, "http://"u8) ? 7 : StartsWithIgnoreCase(text, "https://"u8) ? 8 : 0;
        if (scheme > 0)
        {
            var length = text[scheme..].IndexOfAny("/?"u8);
            length = length < 0 ? text.Length - scheme : length;
            if (!Grammar.IsHost(text.Slice(scheme, length)))
            {
                return Refusal.BadTarget;
            }

            authority = Grammar.Text(text.Slice(scheme, length));
            text = text[(scheme + length)..];
            if (text.IsEmpty || text[0] == '?')
            {
                target = text.IsEmpty && method == "OPTIONS" ? "*" : "/" + Grammar.Text(text);
                return Grammar.IsOriginForm(System.Text.Encoding.Latin1.GetBytes("/" + Grammar.Text(text))) ? null : Refusal.BadTarget;
            }
        }

        target = Grammar.Text(text);
        return Grammar.IsOriginForm(text) ? null : Refusal.BadTarget;
    }

    private static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    private static Refusal? ParseHost(HeaderFields fields, bool isHttp11, out string? host)
    {
        var hosts = fields.Find("host"u8, out var value);
        host = hosts == 1 ? Grammar.Text(value) : null;
        return (hosts == 1 && Grammar.IsHost(value)) || (hosts == 0 && !isHttp11) ? null : Refusal.BadHost;
    }

    private static Refusal? ParseUpgrade(
        HeaderFields fields, string method, bool isHttp11, BodyFraming framing, out bool isWebSocket)
    {
        isWebSocket = false;
        // Another protocol, h2c for one, is an offer that nobody has to take (RFC 9110, 7.8).
        if (!fields.ConnectionHas("upgrade"u8) || !fields.HasToken("upgrade"u8, "websocket"u8))
        {
            return null;
        }

        isWebSocket = method == "GET" && isHttp11 && framing.Kind == BodyKind.None
            && fields.Find("sec-websocket-key"u8, out _) == 1;
        return isWebSocket ? null : Refusal.BadUpgrade;
    }

    private static Refusal? CheckExpectation(HeaderFields fields) =>
        fields.AllAre("expect"u8, "100-continue"u8) ? null : Refusal.UnknownExpectation;

    /// <summary>A carriage return or line feed that is not half of a pair. A return at the very end may still get its feed.</summary>
    private static bool HasBareBreak(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var next = bytes[i..].IndexOfAny((byte)'\r', (byte)'\n');
            if (next < 0)
            {
                return false;
            }

            i += next;
            if (bytes[i] == '\n' || (i + 1 < bytes.Length && bytes[i + 1] != '\n'))
            {
                return true;
            }

            i++;
        }

        return false;
    }
}
