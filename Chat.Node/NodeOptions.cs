using System.ComponentModel.DataAnnotations;

namespace Chat.Node;

/// <summary>Every limit and period of a node: section <c>Chat</c> of the configuration. Checked at start.</summary>
internal sealed record NodeOptions
{
    public const string Section = "Chat";

    /// <summary>How publications travel between nodes: <c>log</c>. The other ways, to compare with, are those of the program Chat.Experiments: see docs/strategies.md.</summary>
    public string Delivery { get; init; } = "log";

    /// <summary>Signs and checks tokens (HMAC-SHA256), the same on all nodes: at least 32 characters. Not needed with an authority.</summary>
    public string TokenKey { get; init; } = "";

    /// <summary>
    /// A standard issuer (OpenID Connect) whose tokens are accepted instead of our own: <c>https://issuer.example/</c>. Its keys are read from
    /// there, and read again when they change.
    /// </summary>
    public string? TokenAuthority { get; init; }

    /// <summary>Whom the authority's tokens have to be for.</summary>
    public string TokenAudience { get; init; } = "chat";

    /// <summary>The claim of the authority's tokens that is the user id.</summary>
    public string TokenUserClaim { get; init; } = "sub";

    /// <summary>The claim of a token that has its roles.</summary>
    public string TokenRoleClaim { get; init; } = "role";

    /// <summary>The role of those who run the chat: they may kick, revoke and pardon.</summary>
    public string AdminRole { get; init; } = "admin";

    /// <summary>How long it is remembered that a token was revoked: at least as long as any token is valid.</summary>
    public TimeSpan RevocationMemory { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long a token of the development sign-in is valid.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Anyone may sign in under any name: on in Development, off elsewhere.</summary>
    public bool? DevelopmentLogin { get; init; }

    /// <summary>Origins whose pages may open a WebSocket. In Development also every origin on this machine.</summary>
    public string[] AllowedOrigins { get; init; } = [];

    /// <summary>Origins whose pages may use <c>/api</c> from elsewhere (CORS). None: only pages that come from the same origin.</summary>
    public string[] ApiOrigins { get; init; } = [];

    /// <summary>Bytes of one message of a client, all its WebSocket frames together; a bigger one closes the connection with 4501. Also the body of a request over HTTP.</summary>
    [Range(256, 1 << 20)]
    public int FrameBytesMax { get; init; } = 16 * 1024;

    /// <summary>UTF-8 bytes of one text; a longer one is refused with <c>text_too_long</c>.</summary>
    [Range(1, 1 << 20)]
    public int TextBytesMax { get; init; } = 4 * 1024;

    /// <summary>Rooms that one connection is in at once; one more is refused with <c>too_many_rooms</c>.</summary>
    [Range(1, 100_000)]
    public int RoomsPerConnectionMax { get; init; } = 100;

    /// <summary>Bytes that wait for one peer; a frame that would come on top of as many closes the connection with 4001.</summary>
    [Range(1024, 1 << 30)]
    public int OutboundBytesMax { get; init; } = 256 * 1024;

    /// <summary>Bytes that the system may hold for one peer, before any wait here: its socket's send buffer (Linux takes twice as much, for its own use).</summary>
    [Range(4096, 1 << 30)]
    public int SystemBytesMax { get; init; } = 64 * 1024;

    /// <summary>A join or a page of history is answered once no more bytes than these, or half of OutboundBytesMax, wait for its peer: whoever reads slowly is answered slowly, and is not closed for asking.</summary>
    [Range(0, 1 << 30)]
    public int OutboundBytesLow { get; init; } = 64 * 1024;

    /// <summary>What carries the connections: <c>io_uring</c>, <c>epoll</c>, <c>sockets</c> (the runtime's own, everywhere) or <c>auto</c>: the first that works here.</summary>
    public string Engine { get; init; } = "auto";

    /// <summary>
    /// Threads that carry the connections, each its own. Half the processors do: the more members of a room one thread finds, the less each
    /// costs, and Redis wants processors, too.
    /// </summary>
    [Range(1, 1024)]
    public int LoopsMax { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How fast a user may send, over all his connections on all nodes.</summary>
    [Range(0.01, 1_000_000)]
    public double SendsPerSecond { get; init; } = 10;

    /// <summary>Messages that a user who was quiet may send at once, before <see cref="SendsPerSecond"/> holds him back.</summary>
    [Range(1, 1_000_000)]
    public int SendsBurst { get; init; } = 20;

    /// <summary>Sends that a connection takes from the budget at once.</summary>
    [Range(1, 1_000_000)]
    public int SendsPrepaid { get; init; } = 5;

    /// <summary>How long sends that were taken from the budget stay good.</summary>
    public TimeSpan SendsPrepaidLifetime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of logs that a user may read in the long run, by joins and history, over all his connections on all nodes.</summary>
    [Range(1, 1L << 40)]
    public long ReadBytesPerSecond { get; init; } = 1024 * 1024;

    /// <summary>Bytes of logs that a user who was quiet may read at once: coming back to every room fits.</summary>
    [Range(1, 1L << 40)]
    public long ReadBytesBurst { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes that a node takes from that budget at once.</summary>
    [Range(1, 1L << 40)]
    public long ReadBytesPrepaid { get; init; } = 1024 * 1024;

    /// <summary>How long bytes that were taken from the budget stay good.</summary>
    public TimeSpan ReadBytesLifetime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Frames of any kind from one connection; beyond it they are answered with <c>rate_limited</c> and count as errors.</summary>
    [Range(1, 1_000_000)]
    public double FramesPerSecond { get; init; } = 100;

    /// <summary>Frames that a connection which was quiet may send at once. Leaves room for coming back to every room.</summary>
    [Range(1, 1_000_000)]
    public double FramesBurst { get; init; } = 400;

    /// <summary>Frames of one connection that cannot be used within a minute, until it is closed with 4501.</summary>
    [Range(1, 1_000_000)]
    public int ErrorsPerConnectionMax { get; init; } = 50;

    /// <summary>
    /// How many of its messages' traces one connection may have recorded by saying so (<c>traceparent</c>, sampled); beyond it a message's
    /// trace begins here, the sampler decides, and a link leads to the client's.
    /// </summary>
    [Range(0, 1_000_000)]
    public double ClientTracesPerSecond { get; init; } = 2;

    /// <summary>As many of them at once; 0: no client's trace is ever followed.</summary>
    [Range(0, 1_000_000)]
    public int ClientTracesBurst { get; init; } = 20;

    /// <summary><see cref="ClientTracesPerSecond"/> for all connections of a node together.</summary>
    [Range(0, 1_000_000)]
    public double ClientTracesPerSecondMax { get; init; } = 100;

    /// <summary>Messages that the span of one resume or repair links to.</summary>
    [Range(0, 128)]
    public int TraceLinksMax { get; init; } = 64;

    /// <summary>Bytes of a request's head: line and fields.</summary>
    [Range(512, 1 << 20)]
    public int HandshakeBytesMax { get; init; } = 8 * 1024;

    /// <summary>How long a request's head may take to arrive, and how long the check of its token may take.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often each connection is sent a <c>ping</c>. Clients learn it from <c>hello</c>.</summary>
    public TimeSpan PingPeriod { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may take to answer a <c>ping</c>, with any frame, until it is closed with 4002.</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a closing connection waits for the peer's close frame.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Messages that a room's log keeps; the oldest go first.</summary>
    [Range(1, 1_000_000)]
    public int LogMessagesMax { get; init; } = 10_000;

    /// <summary>How long a room's log keeps a message. A log in which nothing is written goes as a whole, up to an eighth later.</summary>
    public TimeSpan LogAgeMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a room in which nothing was ever said is remembered after the last member has gone: names cost nothing to make up.</summary>
    public TimeSpan EmptyRoomMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the id of a message is remembered: the longest time within which a client may retry.</summary>
    public TimeSpan IdMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Messages that a join without a position, or a page of history, gets at most.</summary>
    [Range(1, 1000)]
    public int NewestMessages { get; init; } = 50;

    /// <summary>Messages that one join with a position recovers at most; beyond it the answer is the newest, and says so.</summary>
    [Range(1, 100_000)]
    public int RecoveryMessagesMax { get; init; } = 1000;

    /// <summary>Bytes of the messages that one join recovers at most; beyond it the answer is the newest, and says so.</summary>
    [Range(1024, 1 << 30)]
    public int RecoveryBytesMax { get; init; } = 5 * 1024 * 1024;

    /// <summary>Bytes that all logs together can bring which are being read on this node at once; who comes on top waits, up to <see cref="RedisDeadline"/>.</summary>
    [Range(1024, 1L << 40)]
    public long RecoveryBytesInFlightMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes that all rooms of this node together hold of their newest messages, for those who join; beyond it they are read from the log.</summary>
    [Range(0, 1L << 40)]
    public long FeedsBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Frames that one message may come in.</summary>
    [Range(1, 100_000)]
    public int FragmentsPerMessageMax { get; init; } = 128;

    /// <summary>Rooms that <c>GET /api/rooms</c> lists, those written in last.</summary>
    [Range(1, 10_000)]
    public int RoomsListedMax { get; init; } = 500;

    /// <summary>Publications of one room that wait while its log is being read.</summary>
    [Range(1, 1_000_000)]
    public int FeedPublicationsMax { get; init; } = 1000;

    /// <summary>Publications that wait between the connection to Redis and the rooms; one lane per processor.</summary>
    [Range(1, 10_000_000)]
    public int LanePublicationsMax { get; init; } = 10_000;

    /// <summary>A node that hands on what it hears later than this is overloaded, and says so.</summary>
    public TimeSpan LaneDelayMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the node sends itself a publication, to see that it still hears.</summary>
    public TimeSpan CanaryPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Without a canary for this long the subscriptions are rebuilt, and the node is not ready.</summary>
    public TimeSpan CanaryTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>What could not be taken out of Redis while it was away, kept for later: rooms, and connections of users.</summary>
    [Range(1, 1_000_000)]
    public int LeftoversMax { get; init; } = 10_000;

    /// <summary>First wait until a log, people or subscriptions are tried again after Redis did not answer. Doubled at each failure.</summary>
    public TimeSpan RepairRetryMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between two such tries.</summary>
    public TimeSpan RepairRetryMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often each room is compared with Redis, its log and its people, give or take a quarter: each at a time of its own.</summary>
    public TimeSpan RecheckPeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Rooms that are compared with Redis in one call.</summary>
    [Range(1, 1000)]
    public int RecheckRoomsMax { get; init; } = 100;

    /// <summary>Such calls under way at once: for the logs, and as many for the people.</summary>
    [Range(1, 1000)]
    public int RechecksMax { get; init; } = 2;

    /// <summary>Rooms whose log or people are read anew at once; the others wait for their turn.</summary>
    [Range(1, 10_000)]
    public int RepairsMax { get; init; } = 16;

    /// <summary>How long an empty room stays subscribed: its members may be on their way back.</summary>
    public TimeSpan RoomReleaseDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Up to so many users a room's members are told each other's names; in a bigger room, how many they are.</summary>
    [Range(1, 10_000)]
    public int MembersListedMax { get; init; } = 200;

    /// <summary>How long people who come, go and read are gathered before they are written and told.</summary>
    public TimeSpan PresencePeriod { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary><see cref="PresencePeriod"/> for a room that is told in numbers: one with more than <see cref="MembersListedMax"/> users.</summary>
    public TimeSpan PresenceCountPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><see cref="PresencePeriod"/> for every room while the node has too much to do.</summary>
    public TimeSpan PresenceShedPeriod { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a user whose connection was lost still counts as here: a reconnect, to any node, shows nowhere.</summary>
    public TimeSpan PresenceGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Changes of one room that go into one call to Redis.</summary>
    [Range(1, 2000)]
    public int PresenceChangesMax { get; init; } = 500;

    /// <summary>Changes of one room that are kept in Redis for nodes that missed some; who missed more reads everybody anew.</summary>
    [Range(1, 10_000)]
    public int PresenceSignalsMax { get; init; } = 64;

    /// <summary>How often it is passed on that a member is writing; what comes in between is swallowed.</summary>
    public TimeSpan TypingPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Users that one room is told are writing, within one <see cref="TypingPeriod"/>.</summary>
    [Range(1, 1000)]
    public int TypingPerRoomMax { get; init; } = 5;

    /// <summary>How often at most a user is invited to the same direct room.</summary>
    public TimeSpan InvitePeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many users one user may invite to direct rooms, in the long run.</summary>
    [Range(0.01, 1_000_000)]
    public double InvitesPerMinute { get; init; } = 10;

    /// <summary>Invites that a user who was quiet may send at once.</summary>
    [Range(1, 1_000_000)]
    public int InvitesBurst { get; init; } = 20;

    /// <summary>Users that one user may block.</summary>
    [Range(1, 100_000)]
    public int BlocksPerUserMax { get; init; } = 1000;

    /// <summary>Connections of one node; one more is closed with 1001, and comes back to another. Its file descriptors may be fewer.</summary>
    [Range(1, 10_000_000)]
    public int ConnectionsMax { get; init; } = 1_000_000;

    /// <summary>Connections of one user, on all nodes together; with one more the oldest is closed with 4503.</summary>
    [Range(1, 10_000)]
    public int ConnectionsPerUserMax { get; init; } = 20;

    /// <summary>How long a kick is remembered, for nodes that did not hear of it.</summary>
    public TimeSpan KickMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest that any call to Redis takes.</summary>
    public TimeSpan RedisDeadline { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The address balancers reach this node at; by default the one it listens on. <c>http://</c>, an IP address and a port: no name is looked up.</summary>
    public string? AdvertisedUrl { get; init; }

    /// <summary>How long a node's lease in Redis lasts without being renewed: after it, the node and its people count as gone.</summary>
    public TimeSpan NodeLease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the lease is renewed.</summary>
    public TimeSpan NodeLeaseRenewal { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Other nodes whose leases a node looks at once a renewal, those behind it in the ring of all: each is watched by as many.</summary>
    [Range(1, 100)]
    public int NodesWatchedMax { get; init; } = 3;

    /// <summary>A node that leaves closes its connections within this time.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections a draining node sends away per second: the others have to take them.</summary>
    [Range(1, 1_000_000)]
    public int DrainConnectionsPerSecond { get; init; } = 500;
}
