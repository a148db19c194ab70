using System.Globalization;

namespace Chat.Redis;

/// <summary>The command line that makes Garnet behave as the options promise.</summary>
internal static class GarnetArguments
{
    /// <summary>
    /// Garnet drops the oldest records, live or not, when its own limit is reached. So its limit is far above ours, and
    /// MemoryGate stops writes at ours.
    /// </summary>
    private const int EvictionHeadroom = 4;

    /// <summary>Room for the records of expired keys of each size, until new keys take their place.</summary>
    private const int ReusableRecordsMax = 200_000;

    /// <summary>Size of one file of the append-only log: addresses divide by it, so it never changes.</summary>
    public const int SegmentMiB = 1024;

    /// <param name="directory">Absolute path of the generation's files.</param>
    public static string[] From(RedisServerOptions options, int port, string directory) =>
    [
        "--bind", "127.0.0.1", "--port", Text(port), "-q",
        "--lua", "--lua-transaction-mode",
        // The right to write is taken from the default user when memory is short.
        "--auth", "ACL",
        "--memory", MiB(options.MemoryMiBMax * EvictionHeadroom), "--page", MiB(options.PageMiB), "--index", MiB(options.IndexMiB),
        "--reviv-bin-record-sizes", "64,128,256,512,1024", "--reviv-bin-record-counts", Text(ReusableRecordsMax),
        "--reviv-search-next-higher-bins", "1", "--expired-key-deletion-scan-freq", Text(options.ExpiryScanSeconds),
        // The native device needs a library that not every Linux has.
        "--device-type", "RandomAccess",
        "--checkpointdir", directory, "--recover", "--fail-on-recovery-error",
        "--aof", "--aof-commit-freq", Text((int)options.CommitPeriod.TotalMilliseconds),
        "--aof-page-size", MiB(2 * options.PageMiB), "--aof-memory", MiB(4 * options.PageMiB),
        "--aof-segment-size", MiB(SegmentMiB),
    ];


    private static string MiB(int value) => $"{Text(value)}m";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
