namespace Chat.Balancer.Heads;

/// <summary>A request head that has passed every check: two readers cannot disagree about it.</summary>
/// <param name="Target">Origin form: <c>/path?query</c>; or <c>*</c>, of OPTIONS.</param>
/// <param name="Host">The target's, if it named one; null only in HTTP/1.0.</param>
/// <param name="KeepAlive">The client wants to send another request on this connection.</param>
internal sealed record RequestHead(
    string Method,
    string Target,
    bool IsHttp11,
    string? Host,
    HeaderFields Fields,
    BodyFraming Framing,
    bool IsWebSocket,
    bool KeepAlive)
{
    public bool IsHead => Method == "HEAD";

    public ReadOnlySpan<char> Path
    {
        get
        {
            var query = Target.IndexOf('?', StringComparison.Ordinal);
            return query < 0 ? Target : Target.AsSpan(0, query);
        }
    }
}
