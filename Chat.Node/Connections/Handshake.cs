using System.Security.Cryptography;
using System.Text;
using Chat.Node.Access;
using Chat.Protocol;

namespace Chat.Node.Connections;

/// <summary>A request to become a WebSocket, already found to be well formed (RFC 6455, 4.2.1).</summary>
/// <param name="Balancer">The one it came through; null when there was none.</param>
/// <param name="Offer">Its token, from wherever it may stand.</param>
internal sealed record Handshake(string Key, string? Origin, TokenOffer Offer, string? Traceparent, string? Balancer)
{
    public string? Token => Offer.Token;

    public const string Path = "/ws";

    /// <summary>The value of <c>Sec-WebSocket-Accept</c>.</summary>
    public string Accept
    {
        get
        {
#pragma warning disable CA5350 // RFC 6455 asks for SHA-1; nothing is kept secret by it.
            return Convert.ToBase64String(
                SHA1.HashData(Encoding.ASCII.GetBytes(Key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        }
    }

    /// <returns>Null when something the protocol asks for is missing or wrong.</returns>
    public static Handshake? Read(IHeaderDictionary headers, string? accessToken)
    {
        var key = headers.SecWebSocketKey;
        if (key.Count != 1 || !IsKey(key[0]!)
            || headers.SecWebSocketVersion != "13"
            || !headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase)
            || !HasToken(headers.Connection.ToString(), "upgrade")
            || headers.Origin.Count > 1)
        {
            return null;
        }

        return new Handshake(
            key[0]!,
            headers.Origin.FirstOrDefault(),
            TokenOffer.Read(headers, accessToken),
            headers.TraceParent.FirstOrDefault(),
            headers[NodeControlCodec.BalancerHeader].FirstOrDefault());
    }

    private static bool IsKey(string key)
    {
        Span<byte> nonce = stackalloc byte[18];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16;
    }

    private static bool HasToken(string list, string token) =>
        list.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}
