namespace Chat.Node.Access;

/// <summary>
/// The token of a handshake. Programs send <c>Authorization: Bearer</c>. A page cannot, and what it puts into the address stands in logs:
/// it offers the subprotocols <c>chat.v1</c> and <c>bearer.</c> followed by the token, and is answered with the first.
/// </summary>
/// <param name="Subprotocol">What the answer has to choose; null when nothing of ours was offered.</param>
internal readonly record struct TokenOffer(string? Token, string? Subprotocol)
{
    public const string Protocol = "chat.v1";

    private const string ProtocolPrefix = "bearer.";
    private const string Scheme = "Bearer ";

    /// <summary>Where there are several, the header counts before the subprotocol, and that before the address.</summary>
    /// <param name="inAddress">The query's <c>access_token</c>; null when there is none.</param>
    public static TokenOffer Read(IHeaderDictionary headers, string? inAddress)
    {
        string[] offered = [.. headers.SecWebSocketProtocol.SelectMany(value => value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])];
        var authorization = headers.Authorization.ToString();
        var token = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : offered.FirstOrDefault(protocol => protocol.StartsWith(ProtocolPrefix, StringComparison.Ordinal))?[ProtocolPrefix.Length..] ?? inAddress;
        return new TokenOffer(token, offered.Contains(Protocol) ? Protocol : null);
    }
}
