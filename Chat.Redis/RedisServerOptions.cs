namespace Chat.Redis;

/// <summary>What the embedded server may use and where it keeps its data; section <c>Chat:Redis</c>.</summary>
internal sealed record RedisServerOptions
{
    public const string Section = "Chat:Redis";

    /// <summary>Loopback port of the Redis protocol. 0 takes a free one, which is printed.</summary>
    public int Port { get; init; }

    /// <summary>Where the append-only file, checkpoints and seals live. One server at a time may use it.</summary>
    public string DataDirectory { get; init; } = Path.Combine(".data", "redis");

    /// <summary>Keys and values in memory. Above it writes are refused and reads go on; nothing is evicted.</summary>
    public int MemoryMiBMax { get; init; } = 1024;

    /// <summary>Hash index: a fixed cost of the process. 64 MiB serve some 4 million keys well.</summary>
    public int IndexMiB { get; init; } = 64;

    /// <summary>Page of the in-memory log; a single value can be at most half of it.</summary>
    public int PageMiB { get; init; } = 4;

    /// <summary>
    /// Append-only file above which a start first rewrites it from the live data, so that the next start is quick.
    /// </summary>
    public int RewriteAtStartMiB { get; init; } = 256;

    /// <summary>
    /// Append-only file above which it is rewritten while the server runs, which disconnects all clients for seconds.
    /// Bounds the disk: to this and the live data, or to three times the live data when that is more.
    /// </summary>
    public int AppendOnlyFileMiBMax { get; init; } = 2048;

    /// <summary>
    /// Pause between commits of the append-only file. 0 commits at each write, without holding up its answer: what a
    /// kill can take back is then the last tens of milliseconds.
    /// </summary>
    public TimeSpan CommitPeriod { get; init; } = TimeSpan.Zero;

    /// <summary>How often expired keys are looked for, so that new keys reuse their memory. A scan reads every key.</summary>
    public int ExpiryScanSeconds { get; init; } = 10;

    /// <summary>How often memory is checked and new data gets its checksum. Damage to younger data may go unnoticed.</summary>
    public TimeSpan WatchPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the readiness probe waits for the server's answer.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>New connections in a row without an answer, one every <see cref="WatchPeriod"/>, until the server is closed and opened again.</summary>
    public int UnansweredProbesMax { get; init; } = 4;

    /// <returns>One sentence for each value that cannot be used; empty when all can.</returns>
    public IEnumerable<string> Problems()
    {
        if (Port is < 0 or > 65535)
        {
            yield return $"{Section}:Port is {Port}: it must be 0 (any free port) to 65535.";
        }

        if (string.IsNullOrWhiteSpace(DataDirectory))
        {
            yield return $"{Section}:DataDirectory is empty: name a directory.";
        }

        if (PageMiB < 1 || !int.IsPow2(PageMiB) || PageMiB > 64)
        {
            yield return $"{Section}:PageMiB is {PageMiB}: it must be a power of two, 1 to 64.";
        }

        if (IndexMiB < 1 || !int.IsPow2(IndexMiB))
        {
            yield return $"{Section}:IndexMiB is {IndexMiB}: it must be a power of two, at least 1.";
        }

        if (MemoryMiBMax < 8 * PageMiB)
        {
            yield return $"{Section}:MemoryMiBMax is {MemoryMiBMax}: it must be at least 8 × PageMiB, {8 * PageMiB}.";
        }

        if (RewriteAtStartMiB < 4 * PageMiB)
        {
            yield return $"{Section}:RewriteAtStartMiB is {RewriteAtStartMiB}: it must be at least 4 × PageMiB, {4 * PageMiB}.";
        }

        if (AppendOnlyFileMiBMax < RewriteAtStartMiB)
        {
            yield return $"{Section}:AppendOnlyFileMiBMax is {AppendOnlyFileMiBMax}: "
                + $"it must be at least RewriteAtStartMiB, {RewriteAtStartMiB}.";
        }

        if (CommitPeriod < TimeSpan.Zero || CommitPeriod > TimeSpan.FromMinutes(1))
        {
            yield return $"{Section}:CommitPeriod is {CommitPeriod}: it must be 0 to 1 minute.";
        }

        if (ExpiryScanSeconds < 1)
        {
            yield return $"{Section}:ExpiryScanSeconds is {ExpiryScanSeconds}: it must be at least 1.";
        }

        if (UnansweredProbesMax < 1)
        {
            yield return $"{Section}:UnansweredProbesMax is {UnansweredProbesMax}: it must be at least 1.";
        }

        if (WatchPeriod <= TimeSpan.Zero || ProbeTimeout <= TimeSpan.Zero)
        {
            yield return $"{Section}:WatchPeriod and ProbeTimeout must be more than 0.";
        }
    }
}
