namespace Chat.Wires;

/// <summary>Limits of loops and wires. <see cref="Check"/> holds their relations.</summary>
public sealed record WireOptions
{
    public WireEngine Engine { get; init; } = WireEngine.Auto;

    /// <summary>0: one for each processor.</summary>
    public int Loops { get; init; }

    /// <summary>What one wire may receive, and what it may send directly, in one turn before the others have theirs.</summary>
    public int TurnBytesMax { get; init; } = 64 * 1024;

    /// <summary>Requests of one wire in one turn: <see cref="Wire.NextRequestAsync"/>.</summary>
    public int TurnRequestsMax { get; init; } = 16;

    /// <summary>Connections taken off one listening socket in one turn, and those that wait to be accepted by the program.</summary>
    public int TurnAcceptsMax { get; init; } = 64;

    /// <summary>What <see cref="Wire.Queue(SharedBytes)"/> lets wait for a peer that does not read.</summary>
    public int UnsentBytesMax { get; init; } = 256 * 1024;

    /// <summary>Sends of at least so many bytes go to the kernel at once and uncopied; shorter ones are copied and gathered over the turn.</summary>
    public int DirectSendBytesMin { get; init; } = 4 * 1024;

    /// <summary>
    /// Linux: what is received is acknowledged with what is sent, or after the standard time (TCP_QUICKACK off, tcp(7)). It costs a system call for each
    /// receive and saves a packet: worth it where most frames go one way, as through a proxy on one machine.
    /// </summary>
    public bool DelaysAcks { get; init; }

    /// <summary>What the kernel may hold in each direction for a connection that a loop opens; Linux takes twice as much. 0: the kernel tunes itself, up to megabytes. Accepted ones have it from their listening socket.</summary>
    public int DialBufferBytes { get; init; }

    /// <summary>io_uring: received bytes that may wait in a wire for its reader; then the kernel is told to stop.</summary>
    public int UnreadBytesMax { get; init; } = 32 * 1024;

    /// <summary>io_uring: buffers of a loop that the kernel fills; a power of 2, at most 32,768.</summary>
    public int ReceiveBuffers { get; init; } = 1024;

    /// <summary>io_uring: of each of them.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 * 1024;

    /// <summary>io_uring: entries of the submission queue, a power of 2. More in one turn cost a system call more.</summary>
    public int SubmissionsMax { get; init; } = 2048;

    /// <summary>io_uring: descriptors below this number are registered with the ring, which saves the look-up at each send.</summary>
    public int RegisteredFilesMax { get; init; } = 32 * 1024;

    /// <summary>Native memory a loop keeps for its next sends.</summary>
    public int PooledBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a listening socket rests when the process has no descriptor left.</summary>
    public TimeSpan AcceptPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a loop that stops waits for what its connections still do.</summary>
    public TimeSpan StopMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Which relation does not hold, or null.</summary>
    public string? Check() =>
        Loops < 0 ? "Loops is negative"
        : Smallest(TurnBytesMax, TurnRequestsMax, TurnAcceptsMax, UnsentBytesMax, DirectSendBytesMin, UnreadBytesMax) < 1 ? "a limit of bytes or requests is below 1"
        : Smallest(ReceiveBuffers, ReceiveBufferBytes, SubmissionsMax) < 1 ? "a size of io_uring is below 1"
        : !int.IsPow2(ReceiveBuffers) || ReceiveBuffers > 32 * 1024 ? "ReceiveBuffers is no power of 2 up to 32,768"
        : !int.IsPow2(SubmissionsMax) || SubmissionsMax > 32 * 1024 ? "SubmissionsMax is no power of 2 up to 32,768"
        : DirectSendBytesMin > TurnBytesMax ? "DirectSendBytesMin is above TurnBytesMax: nothing would be sent directly"
        : RegisteredFilesMax < 0 || PooledBytesMax < 0 || DialBufferBytes < 0 ? "RegisteredFilesMax, PooledBytesMax or DialBufferBytes is negative"
        : AcceptPause <= TimeSpan.Zero || StopMax <= TimeSpan.Zero ? "AcceptPause or StopMax is not above 0"
        : null;

    private static int Smallest(params ReadOnlySpan<int> values)
    {
        var smallest = int.MaxValue;
        foreach (var value in values)
        {
            smallest = Math.Min(smallest, value);
        }

        return smallest;
    }
}
