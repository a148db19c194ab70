using System.Security.Cryptography;
using System.Text;

namespace Chat.Benchmarks.Load;

/// <summary>The protocol of Chat.Node (docs/protocol.md).</summary>
internal sealed class ChatDialect : IDialect
{
    private static readonly DateTimeOffset FarAway = TimeProvider.System.GetUtcNow().AddHours(12);

    /// <summary>Signs the tokens of the users, on all nodes.</summary>
    public string TokenKey { get; } = RandomNumberGenerator.GetHexString(64);

    public byte[]? Pong { get; } = """{"type":"pong"}"""u8.ToArray();

    public byte[] Request(string user, string? room) => Encoding.ASCII.GetBytes(
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + $"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {Token(user)}\r\n\r\n");

    public IReadOnlyList<byte[]> Opening(string? room) =>
        room is null ? [] : [Encoding.ASCII.GetBytes($$"""{"type":"join","room":"{{room}}"}""")];

    /// <summary>Asks for everything after a position.</summary>
    public static byte[] Resume(string room, string epoch, long offset) => Encoding.ASCII.GetBytes(
        $$$"""{"type":"join","room":"{{{room}}}","after":{"epoch":"{{{epoch}}}","offset":{{{offset}}}}}""");

    public byte[] Send(string room, string id, string text) =>
        Encoding.ASCII.GetBytes($$"""{"type":"send","room":"{{room}}","id":"{{id}}","text":"{{text}}"}""");

    public Heard Classify(ReadOnlySpan<byte> payload)
    {
        var type = payload["{\"type\":\"".Length..];
        return type.StartsWith("message\""u8) ? Heard.Message
            : type.StartsWith("joined\""u8) ? Heard.Ready
            : type.StartsWith("ping\""u8) ? Heard.Ping
            : type.StartsWith("hello\""u8) ? Heard.Hello
            : type.StartsWith("drain\""u8) ? Heard.Drain
            : type.StartsWith("nack\""u8) || type.StartsWith("error\""u8) ? Heard.Refusal
            : Heard.Other;
    }

    /// <summary>As a node would sign it.</summary>
    public string Token(string user)
    {
        var head = Base64("""{"alg":"HS256","typ":"JWT"}"""u8);
        var body = Base64(Encoding.ASCII.GetBytes(
            $$"""{"sub":"{{user}}","iss":"chat","aud":"chat","exp":{{FarAway.ToUnixTimeSeconds()}}}"""));
        var signature = HMACSHA256.HashData(Encoding.ASCII.GetBytes(TokenKey), Encoding.ASCII.GetBytes($"{head}.{body}"));
        return $"{head}.{body}.{Base64(signature)}";
    }

    private static string Base64(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
