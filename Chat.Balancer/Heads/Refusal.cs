namespace Chat.Balancer.Heads;

/// <summary>Why a request is not served, and the status that tells its sender. One instance per reason: metrics count by it.</summary>
/// <param name="Reason">Short and stable: a metric's tag.</param>
internal sealed record Refusal(int Status, string Phrase, string Reason)
{
    public static readonly Refusal BadLineBreak = new(400, "Bad Request", "bare-line-break");
    public static readonly Refusal BadRequestLine = new(400, "Bad Request", "bad-request-line");
    public static readonly Refusal BadTarget = new(400, "Bad Request", "bad-target");
    public static readonly Refusal BadField = new(400, "Bad Request", "bad-field");
    public static readonly Refusal FoldedField = new(400, "Bad Request", "folded-field");
    public static readonly Refusal BadHost = new(400, "Bad Request", "bad-host");
    public static readonly Refusal BadLength = new(400, "Bad Request", "bad-content-length");
    public static readonly Refusal TwoFramings = new(400, "Bad Request", "length-and-transfer-encoding");
    public static readonly Refusal BadChunk = new(400, "Bad Request", "bad-chunk");
    public static readonly Refusal BadUpgrade = new(400, "Bad Request", "bad-upgrade");
    public static readonly Refusal BadMethod = new(405, "Method Not Allowed", "method-not-allowed") { Allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" };
    public static readonly Refusal ReadOnly = new(405, "Method Not Allowed", "read-only") { Allow = "GET, HEAD" };
    public static readonly Refusal PostOnly = new(405, "Method Not Allowed", "post-only") { Allow = "POST" };
    public static readonly Refusal RedisAway = new(503, "Service Unavailable", "redis-away");
    public static readonly Refusal UnknownExpectation = new(417, "Expectation Failed", "unknown-expectation");
    public static readonly Refusal SlowHead = new(408, "Request Timeout", "slow-head");
    public static readonly Refusal SlowBody = new(408, "Request Timeout", "slow-body");
    public static readonly Refusal BigHead = new(431, "Request Header Fields Too Large", "head-too-large");
    public static readonly Refusal ManyFields = new(431, "Request Header Fields Too Large", "too-many-fields");
    public static readonly Refusal ManyTokens = new(431, "Request Header Fields Too Large", "too-many-connection-tokens");
    public static readonly Refusal UnknownCoding = new(501, "Not Implemented", "unknown-transfer-coding");
    public static readonly Refusal BadVersion = new(505, "HTTP Version Not Supported", "unknown-version");

    public static readonly Refusal TlsHandshake = new(400, "Bad Request", "tls-handshake");
    public static readonly Refusal BadProxyHeader = new(400, "Bad Request", "bad-proxy-header");
    public static readonly Refusal TlsRate = new(503, "Service Unavailable", "tls-rate");
    public static readonly Refusal Protected = new(403, "Forbidden", "protected");
    public static readonly Refusal NotFound = new(404, "Not Found", "not-found");
    public static readonly Refusal AddressConnections = new(429, "Too Many Requests", "address-connections");
    public static readonly Refusal Connections = new(503, "Service Unavailable", "connections");
    public static readonly Refusal HandshakeQueue = new(503, "Service Unavailable", "handshake-queue");
    public static readonly Refusal NodeHandshakeQueue = new(503, "Service Unavailable", "node-handshake-queue");
    public static readonly Refusal Draining = new(503, "Service Unavailable", "draining");
    public static readonly Refusal NoDestination = new(503, "Service Unavailable", "no-destination");
    public static readonly Refusal NoSocket = new(503, "Service Unavailable", "no-socket");
    public static readonly Refusal BadResponse = new(502, "Bad Gateway", "bad-response");
    public static readonly Refusal EarlyClose = new(502, "Bad Gateway", "early-close");
    public static readonly Refusal NodeError = new(502, "Bad Gateway", "node-error");
    public static readonly Refusal SlowResponse = new(504, "Gateway Timeout", "slow-response");

    /// <summary>The node did not do its part.</summary>
    public bool BlamesNode => Status is 502 or 504;

    /// <summary>With 405: the methods that are.</summary>
    public string? Allow { get; init; }

    /// <summary>Worth trying again a little later, unchanged.</summary>
    public bool Retryable => Status is 429 or 503;
}
