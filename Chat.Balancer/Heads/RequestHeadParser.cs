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
        return refusal is null ? new ParsedRequest(request, end + 4, null) : ParsedRequest.Refuse(refusal);
    }

    private Refusal? ParseHead(byte[] head, out RequestHead? request)
    {
        request = null;
        var lineLength = head.AsSpan().IndexOf("\r\n"u8);
        var refusal = ParseRequestLine(head.AsSpan(0, lineLength), out var method, out var target, out var isHttp11);
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
        request = new RequestHead(method, target, isHttp11, host, fields, framing, isWebSocket, keepAlive);
        return null;
    }

    private static Refusal? ParseRequestLine(ReadOnlySpan<byte> line, out string method, out string target, out bool isHttp11)
    {
        (method, target, isHttp11) = ("", "", false);
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

        if (!Grammar.IsOriginForm(line[(first + 1)..last]))
        {
            return Refusal.BadTarget;
        }

        target = Grammar.Text(line[(first + 1)..last]);
        return null;
    }

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
        var upgrades = fields.Find("upgrade"u8, out var protocol);
        if (upgrades == 0 || !fields.ConnectionHas("upgrade"u8))
        {
            return null;
        }

        if (upgrades > 1 || !Ascii.EqualsIgnoreCase(protocol, "websocket"u8))
        {
            return Refusal.UnknownUpgrade;
        }

        isWebSocket = method == "GET" && isHttp11 && framing.Kind == BodyKind.None
            && fields.Find("sec-websocket-key"u8, out _) == 1;
        return isWebSocket ? null : Refusal.BadUpgrade;
    }

    private static Refusal? CheckExpectation(HeaderFields fields) =>
        fields.Find("expect"u8, out var expectation) == 0 || Ascii.EqualsIgnoreCase(expectation, "100-continue"u8)
            ? null
            : Refusal.UnknownExpectation;

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
