using System.Text;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Load;

/// <summary>SignalR's JSON protocol over a WebSocket, without negotiation.</summary>
internal sealed class SignalRDialect : IDialect
{
    private const char End = '\x1e';

    /// <summary>The server is asked to wait longer than any run takes.</summary>
    public byte[]? Pong => null;

    public byte[] Request(string user, string? room) => Encoding.ASCII.GetBytes(
        $"GET {SignalRServer.HubPath} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");

    public IReadOnlyList<byte[]> Opening(string? room)
    {
        var hello = Encoding.ASCII.GetBytes($$"""{"protocol":"json","version":1}{{End}}""");
        return room is null ? [hello] :
        [
            hello, Encoding.ASCII.GetBytes($$"""{"type":1,"invocationId":"j","target":"Join","arguments":["{{room}}"]}{{End}}"""),
        ];
    }

    // Without an invocation id: the server sends no completion.
    public byte[] Send(string room, string id, string text) => Encoding.ASCII.GetBytes(
        $$"""{"type":1,"target":"Send","arguments":["{{room}}","{{id}}","{{text}}"]}{{End}}""");

    /// <summary>One WebSocket message may carry several of SignalR's: what counts is the first that is neither the answer to the handshake nor a ping.</summary>
    public Heard Classify(ReadOnlySpan<byte> payload)
    {
        var first = ClassifyFirst(payload);
        while (first is Heard.Other or Heard.Ping && payload.IndexOf((byte)End) is >= 0 and var end && end + 1 < payload.Length)
        {
            payload = payload[(end + 1)..];
            first = ClassifyFirst(payload);
        }

        return first;
    }

    private static Heard ClassifyFirst(ReadOnlySpan<byte> payload) =>
        payload.StartsWith("{\"type\":1"u8) ? Heard.Message
        : payload.StartsWith("{\"type\":3,\"invocationId\":\"j\""u8) ? Heard.Ready
        : payload.StartsWith("{}"u8) ? Heard.Other
        : payload.StartsWith("{\"type\":6"u8) ? Heard.Ping
        : Heard.Refusal;
}
