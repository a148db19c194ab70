using System.Text;

namespace Chat.Benchmarks.Load;

/// <summary>Nchan's publish and subscribe over one WebSocket: the path is the channel, and what is sent is what comes.</summary>
internal sealed class NchanDialect : IDialect
{
    private readonly FloorDialect _frames = new();

    public byte[]? Pong => null;

    public byte[] Request(string user, string? room) => Encoding.ASCII.GetBytes(
        $"GET /room/{room ?? user} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");

    public IReadOnlyList<byte[]> Opening(string? room) => [];

    public byte[] Send(string room, string id, string text) => _frames.Send(room, id, text);

    // Each publish is answered with a line about the channel.
    public Heard Classify(ReadOnlySpan<byte> payload) => payload.StartsWith("{\"room\""u8) ? Heard.Message : Heard.Other;
}
