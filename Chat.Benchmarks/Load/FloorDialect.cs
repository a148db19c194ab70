using System.Text;

namespace Chat.Benchmarks.Load;

/// <summary>No protocol: what is sent is what comes. Its frame is as long as that of Chat.Node.</summary>
internal sealed class FloorDialect : IDialect
{
    // As the nodes send it around a text: epoch, offset, author, time and node.
    private static readonly string Filling = new('x', 130);

    public byte[]? Pong => null;

    // The path is the room. The rest is for balancers in front.
    public byte[] Request(string user, string? room) => Encoding.ASCII.GetBytes(
        $"GET /{room} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");

    public IReadOnlyList<byte[]> Opening(string? room) => [];

    public byte[] Send(string room, string id, string text) =>
        Encoding.ASCII.GetBytes($$"""{"room":"{{room}}","id":"{{id}}","text":"{{text}}","more":"{{Filling}}"}""");

    public Heard Classify(ReadOnlySpan<byte> payload) => Heard.Message;
}
