using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Chat.Node.Connections;

/// <summary>Recognizes the head of a WebSocket request in the bytes of a new connection.</summary>
internal static class HandshakeHead
{
    /// <summary>Whether these bytes can be one, or its beginning. Everything else is the HTTP server's.</summary>
    public static bool MayBe(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Expected[..Math.Min(bytes.Length, Expected.Length)]);

    /// <param name="head">From the first byte to the empty line.</param>
    /// <returns>Null when it is not exactly what it should be: the HTTP server then says what is wrong with it.</returns>
    public static Handshake? Parse(ReadOnlySpan<byte> head)
    {
        if (head.ContainsAnyExceptInRange((byte)0x09, (byte)0x7E))
        {
            return null;
        }

        var lines = Encoding.ASCII.GetString(head).Split("\r\n");
        var request = lines[0].Split(' ');
        if (request is not ["GET", _, "HTTP/1.1"] || lines[0].Contains('#'))
        {
            return null;
        }

        var (path, query) = request[1].IndexOf('?') is >= 0 and var mark
            ? (request[1][..mark], request[1][mark..])
            : (request[1], "");
        return path == Handshake.Path && ReadHeaders(lines.AsSpan(1)) is { } headers
            ? Handshake.Read(headers, QueryHelpers.ParseQuery(query).TryGetValue("access_token", out var token) ? (string?)token : null)
            : null;
    }

    private static ReadOnlySpan<byte> Expected => "GET /ws"u8;

    private static IHeaderDictionary? ReadHeaders(ReadOnlySpan<string> lines)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var line in lines)
        {
            if (line.Length == 0)
            {
                continue;
            }

            var colon = line.IndexOf(':');
            if (colon <= 0 || line[0] is ' ' or '\t' || line.AsSpan(0, colon).ContainsAny(" \t\r\n")
                || line.AsSpan(colon).ContainsAny('\r', '\n'))
            {
                return null;
            }

            headers.Append(line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
        }

        // A body has no place here, and one that hides behind the handshake would be read as frames.
        return headers.Host.Count == 1 && headers.ContentLength is null && headers.TransferEncoding.Count == 0 ? headers : null;
    }
}
