namespace Chat.Balancer;

/// <summary>Everything that can be set, section <c>Chat:Balancer</c>. Checked at start: see <see cref="BalancerOptionsValidator"/>.</summary>
internal sealed class BalancerOptions
{
    public const string Section = "Chat:Balancer";

    /// <summary>Where to listen, separated by semicolons. Without it <c>ASPNETCORE_URLS</c> decides.</summary>
    public string? Urls { get; init; }

    /// <summary>PEM file with the certificate and its chain, for https URLs.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file with the private key, if it is not in the certificate's.</summary>
    public string? CertificateKeyPath { get; init; }

    /// <summary>Addresses and networks, separated by semicolons, of proxies that are believed: what they say in <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> is who the client is, and they have no limit per address.</summary>
    public string? TrustedProxies { get; init; }

    /// <summary>Every connection begins with a header of the PROXY protocol, version 1 or 2, and comes from one of <see cref="TrustedProxies"/>; any other is closed.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Where status, events, metrics and commands are served, and nothing else, as <see cref="Urls"/>. Set, the other addresses answer <c>/balancer/health</c> only.</summary>
    public string? AdminUrls { get; init; }

    /// <summary>Connections to <see cref="AdminUrls"/>; they do not count among the clients, so that there is a way in when those are too many.</summary>
    public int AdminConnectionsMax { get; init; } = 16;

    /// <summary>This balancer's name in logs and in Redis; made up when not set.</summary>
    public string? Id { get; init; }

    /// <summary><c>round-robin</c>, <c>least-connections</c>, <c>power-of-two</c> or <c>hash</c>.</summary>
    public string Policy { get; init; } = "power-of-two";

    /// <summary>For experiments: the same picks for the same connections in the same order. Without it nobody can foresee them.</summary>
    public int? Seed { get; init; }

    /// <summary>Lets <c>/balancer/status</c> and <c>/balancer/events</c> be read from elsewhere, as a bearer token. Loopback needs none.</summary>
    public string? StatusToken { get; init; }

    /// <summary><c>io_uring</c>, <c>epoll</c>, <c>sockets</c> (the runtime's own, everywhere) or <c>auto</c>: the first that works here.</summary>
    public string Engine { get; init; } = "auto";

    /// <summary>
    /// Threads that carry all bytes. Half the processors do: the more frames one thread finds waiting, the less
    /// each costs.
    /// </summary>
    public int LoopsMax { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Connections that the system holds until they are accepted. Linux caps it at <c>net.core.somaxconn</c>.</summary>
    public int BacklogMax { get; init; } = 4096;

    /// <summary>Bytes of a request's head; a bigger one is answered 431.</summary>
    public int HeadBytesMax { get; init; } = 8 * 1024;

    /// <summary>Fields in the head of a request or a response; a request with more is answered 431.</summary>
    public int HeadFieldsMax { get; init; } = 100;

    /// <summary>Names in the Connection fields of one head together: each names a field that is not passed on. A request with more is answered 431.</summary>
    public int ConnectionTokensMax { get; init; } = 16;

    /// <summary>How long a request's head, or a TLS handshake, may take; a later head is answered 408.</summary>
    public double HeadSeconds { get; init; } = 5;

    /// <summary>How long a connection may wait for its next request.</summary>
    public double KeepAliveSeconds { get; init; } = 60;

    /// <summary>How long a request's body may stand still, and how long a client may not take what is sent to it.</summary>
    public double BodyIdleSeconds { get; init; } = 30;

    /// <summary>How long the body of a node's answer may stand still; a stream of events (<c>text/event-stream</c>) may for ever.</summary>
    public double AnswerIdleSeconds { get; init; } = 60;

    /// <summary>What is left of an answer after the client has ended its sending, and how long a tunnel may be quiet of which one side has ended.</summary>
    public double HalfClosedSeconds { get; init; } = 30;

    /// <summary>A client that has not acknowledged for so long is gone, and a quiet one is asked for a sign after as long: TCP's keep-alive and user timeout, on Linux.</summary>
    public int DeadPeerSeconds { get; init; } = 60;

    /// <summary>TLS handshakes each second: each takes a loop from the tunnels it carries. More wait, within the time of a head.</summary>
    public int TlsHandshakesPerSecondMax { get; init; } = 500;

    /// <summary>Whether each request and each tunnel leaves a line in the log when it is over, category <c>Chat.Balancer.Access</c>. Without its query: tokens are there.</summary>
    public bool AccessLog { get; init; }

    /// <summary>From the request's last byte to the node's response head; for a WebSocket, to its 101.</summary>
    public double ResponseSeconds { get; init; } = 30;

    /// <summary>How long one attempt to connect to a node may take.</summary>
    public double ConnectSeconds { get; init; } = 1;

    /// <summary>Nodes tried for one request. Only connecting is tried again: bytes are sent to one node.</summary>
    public int ConnectAttemptsMax { get; init; } = 3;

    /// <summary>Connections to each node that are kept for a next request without a body; 0 keeps none.</summary>
    public int IdleUpstreamsMax { get; init; } = 16;

    /// <summary>How long a connection to a node is kept for a next request. Shorter than a node keeps them: it would close them just as they are used.</summary>
    public double IdleUpstreamSeconds { get; init; } = 30;

    /// <summary>What one read of a tunnel takes from the kernel at most; held only while the other side is slow.</summary>
    public int TunnelBufferBytes { get; init; } = 16 * 1024;

    /// <summary>What the kernel may hold in each direction of each connection, to clients and to nodes; Linux takes twice as much. It bounds what a slow reader costs, and what one tunnel carries over a long way. 0: the kernel tunes itself, up to megabytes.</summary>
    public int SocketBufferBytes { get; init; } = 64 * 1024;

    /// <summary>A tunnel without a byte in either direction is cut after this. Longer than a ping period.</summary>
    public double TunnelIdleSeconds { get; init; } = 120;

    /// <summary>Client connections of every kind; more are answered 503 at once.</summary>
    public int ConnectionsMax { get; init; } = 50_000;

    /// <summary>Connections per client address, of IPv6 per /64, which is what one client has; loopback and <see cref="TrustedProxies"/> excepted: all clients behind a proxy share it.</summary>
    public int ConnectionsPerAddressMax { get; init; } = 1_000;

    /// <summary>Refused connections that still read their answer. Above it no more are accepted while the limit of all is reached, and those above the limit of their address are closed unanswered.</summary>
    public int RefusedConnectionsMax { get; init; } = 100;

    /// <summary>WebSocket handshakes that are passed on, to all nodes together; the others wait in the queue.</summary>
    public int HandshakesPerSecondMax { get; init; } = 4_000;

    /// <summary><see cref="HandshakesPerSecondMax"/> for each node.</summary>
    public int HandshakesPerSecondPerNodeMax { get; init; } = 2_000;

    /// <summary>Handshakes that wait for their turn; more are answered 503.</summary>
    public int HandshakeQueueMax { get; init; } = 2_000;

    /// <summary>The longest that a handshake waits for its turn; then it is answered 503.</summary>
    public double HandshakeQueueSeconds { get; init; } = 3;

    /// <summary>A refused client is told to come back after 1 to this many seconds, at random: not all at once.</summary>
    public int RetryAfterSecondsMax { get; init; } = 10;

    /// <summary>How often the nodes' leases are read. Changes that are published are read at once.</summary>
    public double LeasePollSeconds { get; init; } = 2;

    /// <summary>How long a node that still answers its probes, whatever it says, is kept after its lease has gone: Redis may have lost it, not the node.</summary>
    public double LeaseGraceSeconds { get; init; } = 10;

    /// <summary>When more than this share of the nodes are without a lease, it is Redis that has lost them: all stay in the table while they take connections.</summary>
    public double LeasesLostRatioMax { get; init; } = 0.5;

    /// <summary>What a probe asks each node for; 200 is healthy.</summary>
    public string ProbePath { get; init; } = "/health/ready";

    /// <summary>How often each node is probed. Two probes that time out must fit into the 3 s after which a node that stands still is out.</summary>
    public double ProbePeriodSeconds { get; init; } = 0.5;

    /// <summary>How long a node may take to answer a probe.</summary>
    public double ProbeTimeoutSeconds { get; init; } = 1;

    /// <summary>Failed probes in a row until a node gets nothing new.</summary>
    public int ProbeFailuresToLeave { get; init; } = 2;

    /// <summary>Good probes in a row until it gets something again.</summary>
    public int ProbeSuccessesToReturn { get; init; } = 2;

    /// <summary>A newcomer's share of the picks grows to its full size over this time.</summary>
    public double SlowStartSeconds { get; init; } = 10;

    /// <summary>How long a node may take to answer a handshake; then it is tried on another node, once.</summary>
    public double HandshakeSeconds { get; init; } = 5;

    /// <summary>Failed handshakes in a row for which a node is ejected: it gets nothing for a while, whatever its probes say.</summary>
    public int OutlierFailuresInRow { get; init; } = 3;

    /// <summary>So many failures within the last seconds, and <see cref="OutlierRatioMin"/>, eject a node as well. Those count that were answered too slowly.</summary>
    public double OutlierFailuresMin { get; init; } = 5;

    /// <summary>The share of failures, of the last seconds' handshakes, that ejects a node.</summary>
    public double OutlierRatioMin { get; init; } = 0.5;

    /// <summary>A handshake counts half after this time. What the picks hold against a node fades with it.</summary>
    public double OutlierHalfLifeSeconds { get; init; } = 5;

    /// <summary>How long a node is ejected for the first time; each repetition doubles it. Then one handshake at a time tries it out.</summary>
    public double OutlierEjectSeconds { get; init; } = 10;

    /// <summary>The longest ejection. A node that did well for so long begins anew.</summary>
    public double OutlierEjectSecondsMax { get; init; } = 300;

    /// <summary>The share of the ready nodes that may be ejected at a time: a wrong verdict on all must not be an outage.</summary>
    public double OutlierEjectedRatioMax { get; init; } = 0.5;

    /// <summary>A handshake answered so many times later than the other nodes answer theirs counts as failed.</summary>
    public double OutlierSlowRatioMin { get; init; } = 4;

    /// <summary>Nobody is called slow below this.</summary>
    public double OutlierSlowMsMin { get; init; } = 50;

    /// <summary>Bounded load of the hash policy: no node above this many times the mean.</summary>
    public double HashLoadRatioMax { get; init; } = 1.25;

    /// <summary>When a node without a lease has answered no probe for this long, those of its tunnels are reset through which nothing has come from it for as long: the clients come back elsewhere.</summary>
    public double AbandonSeconds { get; init; } = 5;

    /// <summary>Whether nodes that hold more than their share are asked to move the surplus.</summary>
    public bool Shedding { get; init; } = true;

    /// <summary>How often the counts are looked at, and nodes asked.</summary>
    public double ShedPeriodSeconds { get; init; } = 3;

    /// <summary>A node may hold this many times the mean before it is asked.</summary>
    public double ShedRatioMin { get; init; } = 1.05;

    /// <summary>A surplus below this is not worth anybody's reconnect.</summary>
    public int ShedConnectionsMin { get; init; } = 5;

    /// <summary>The share of a node's connections that one request moves at most.</summary>
    public double ShedBatchRatioMax { get; init; } = 0.1;

    /// <summary>The clients that are moved spread their reconnects over this time.</summary>
    public int ShedWindowMs { get; init; } = 2_000;

    /// <summary>Connections older than this, give or take a tenth, are moved by and by; 0 lets them live.</summary>
    public double ConnectionAgeSecondsMax { get; init; }

    /// <summary>How long a balancer that was told to stop still takes connections while its health says 503: whoever sends clients here must hear of it first. 0 closes at once.</summary>
    public double LameDuckSeconds { get; init; } = 2;

    /// <summary>How long a balancer that was told to stop lets its tunnels live; then they are reset.</summary>
    public double DrainSeconds { get; init; } = 30;

    /// <summary>
    /// How many traces clients may have recorded by saying so in <c>traceparent</c>, sampled; beyond it a request's trace begins here, the
    /// sampler decides, and a link leads to the client's.
    /// </summary>
    public double ClientTracesPerSecondMax { get; init; } = 100;
}
