using System.Net.WebSockets;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>How a client connects, how long it waits, how much it keeps. Checked when the client is made.</summary>
public sealed record ChatClientOptions
{
    /// <summary>The balancer, or one node: <c>http://localhost:8080</c>.</summary>
    public required Uri Url { get; set; }

    /// <summary>For clients that know several entrances: asked at every connect, in place of <see cref="Url"/>.</summary>
    public Func<Uri>? NextUrl { get; set; }

    /// <summary>
    /// Gives a valid token; asked at every connect, and before the present one expires. What it throws ends up in
    /// <see cref="ConnectionStatus.Error"/>, and it is asked again.
    /// </summary>
    public required Func<CancellationToken, Task<string>> Token { get; set; }

    /// <summary>Asks for the hops of every message.</summary>
    public bool Trace { get; set; }

    /// <summary>Proxy, certificates, headers: called for every new socket before it connects.</summary>
    public Action<ClientWebSocketOptions>? ConfigureSocket { get; set; }

    /// <summary>For what goes over HTTP (<see cref="ChatClient.GetRoomsAsync"/>). The client does not dispose it. Null: one of its own.</summary>
    public HttpClient? Http { get; set; }

    /// <summary>Keeps what is not acked over restarts; null keeps it in memory. The client disposes it when it can be disposed.</summary>
    public IOutboxStore? OutboxStore { get; set; }

    /// <summary>One try to connect, the token included. 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="ChatClient.StartAsync"/> waits for a connection. 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="ChatClient.JoinAsync(string, CancellationToken)"/> waits, connecting included. 30 s, or infinite.</summary>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="ChatRoom.ReadHistoryAsync"/> waits, a reconnect included. 30 s, or infinite.</summary>
    public TimeSpan HistoryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A message that got no ack for so long on a living connection is sent again, with the same id. 10 s.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long after its first try a message may be sent again. Nodes remember its id for 10 minutes, so it has to be less: later it could be
    /// stored twice. 9 min.
    /// </summary>
    public TimeSpan ResendWithin { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>A join that got no answer for so long is sent again; doubled at every try, up to a minute. 5 s.</summary>
    public TimeSpan JoinRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Joins on their way at the same time. A node answers each with up to 50 messages and more: all at once would be too much. 8.</summary>
    public int JoinsMax { get; set; } = 8;

    /// <summary>The wait before a reconnect is anywhere between zero and this, doubled at every failure up to <see cref="BackoffMax"/>. 250 ms.</summary>
    public TimeSpan BackoffMin { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>10 s.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection that held this long starts the backoff anew. 1 min.</summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How much longer than the node's ping period may pass without a frame. 10 s.</summary>
    public TimeSpan SilenceSlack { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often at most the node is told that the user is writing in a room. 3 s.</summary>
    public TimeSpan TypingPeriod { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often at most the node is told what was read, whatever <see cref="ChatRoom.MarkRead"/> is called. 1 s.</summary>
    public TimeSpan ReadPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Of how many rooms it is told at once; the others follow in the next period. 25.</summary>
    public int ReadsMax { get; set; } = 25;

    /// <summary>How long before its token expires a connection is given a new one. 1 min; half of its life for one that lives shorter.</summary>
    public TimeSpan RefreshBefore { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The wait before a failed renewal of the token is tried again; doubled at every failure up to <see cref="BackoffMax"/>. 1 s.</summary>
    public TimeSpan RefreshRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Messages that are not acked yet. 1000.</summary>
    public int OutboxMessagesMax { get; set; } = 1000;

    /// <summary>
    /// Events of one room that wait to be read. When there are more the oldest is dropped, and <see cref="EventsDropped"/> says so: a room that
    /// nobody reads holds nobody up. 4096: more than the longest recovery.
    /// </summary>
    public int RoomEventsMax { get; set; } = 4096;

    /// <summary>Bytes of one frame from the node: a join that recovers much is large. 16 MiB.</summary>
    public int FrameBytesMax { get; set; } = 16 * 1024 * 1024;

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>For experiments only: without it, all who lost the same node come back at the same moments.</summary>
    internal bool Jitter { get; set; } = true;

    /// <summary>0 to 1: where within a wait something happens.</summary>
    internal Func<double> Random { get; set; } = System.Random.Shared.NextDouble;

    /// <summary>Called with every frame as it came, before the client drops or orders anything, on the thread that reads the connection: return soon.</summary>
    internal Action<ServerFrame>? Received { get; set; }

    /// <summary>What frames travel on; null for a WebSocket.</summary>
    internal Func<IFrameSocket>? OpenSocket { get; set; }

    internal IFrameSocket CreateSocket() => OpenSocket?.Invoke() ?? new FrameSocket(ConfigureSocket);
}
