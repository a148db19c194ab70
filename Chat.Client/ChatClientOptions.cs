using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>How a client connects and how long it waits.</summary>
public sealed record ChatClientOptions
{
    /// <summary>The balancer, or one node: <c>http://localhost:8080</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>For clients that know several entrances: asked at every connect, in place of <see cref="Url"/>.</summary>
    public Func<Uri>? NextUrl { get; init; }

    /// <summary>Gives a valid token; asked at every connect, and before the present one expires.</summary>
    public required Func<CancellationToken, Task<string>> Token { get; init; }

    /// <summary>Asks for the hops of every message.</summary>
    public bool Trace { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before a reconnect is anywhere between zero and this, doubled at every failure up to <see cref="BackoffMax"/>.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For experiments only: without it, all who lost the same node come back at the same moments.</summary>
    internal bool Jitter { get; init; } = true;

    /// <summary>Between 0 and 1, for every wait at random: an experiment makes the same waits again.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Called with every frame as it came, before the client drops or orders anything, on the thread that reads the connection: return soon.</summary>
    internal Action<ServerFrame>? Received { get; init; }

    /// <summary>A connection that held this long starts the backoff anew.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much longer than the node's ping period may pass without a frame.</summary>
    public TimeSpan SilenceSlack { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often at most the node is told that the user is writing in a room.</summary>
    public TimeSpan TypingPeriod { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long before its token expires a connection is given a new one.</summary>
    public TimeSpan RefreshBefore { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Messages on their way that are not acked yet.</summary>
    public int OutboxMessagesMax { get; init; } = 1000;

    /// <summary>Events of one room that wait to be read. When as many wait, the connection stops reading: read them, or leave.</summary>
    public int RoomEventsMax { get; init; } = 10_000;

    /// <summary>Bytes of one frame from the node: a join that recovers much is large.</summary>
    public int FrameBytesMax { get; init; } = 16 * 1024 * 1024;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
