namespace Chat.Balancer.Heads;

/// <summary>A node's response head.</summary>
/// <param name="Phrase">The reason phrase; may be empty.</param>
/// <param name="Framing">Of the body that follows: None for HEAD, 1xx, 204 and 304, whatever the fields say.</param>
internal sealed record ResponseHead(int Status, string Phrase, HeaderFields Fields, BodyFraming Framing, bool KeepAlive)
{
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    /// <summary>It may stand still for as long as nothing happens.</summary>
    public bool IsEventStream => Fields.Find("content-type"u8, out var type) == 1
        && type.Length >= EventStream.Length && System.Text.Ascii.EqualsIgnoreCase(type[..EventStream.Length], EventStream);

    private static ReadOnlySpan<byte> EventStream => "text/event-stream"u8;

    public bool IsWebSocket => Status == 101 && Fields.HasToken("upgrade"u8, "websocket"u8);
}
