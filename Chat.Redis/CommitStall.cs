namespace Chat.Redis;

/// <summary>Notices that writes no longer reach the disk: a full or failing one. One caller at a time.</summary>
internal sealed class CommitStall(RedisServerOptions options, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private long _committed = -1;
    private long _since;

    /// <param name="committed">Address below which everything is in the append-only file.</param>
    /// <param name="tail">Address below which everything should get there.</param>
    /// <returns>A sentence while nothing has been committed for too long, although something waits; otherwise null.</returns>
    public string? Check(long committed, long tail)
    {
        if (committed != _committed || committed >= tail)
        {
            _committed = committed;
            _since = time.GetTimestamp();
            return null;
        }

        var waited = time.GetElapsedTime(_since);
        return waited > Patience + options.CommitPeriod
            ? $"Nothing has reached the append-only file for {waited.TotalSeconds:F0} s, although {tail - committed} bytes wait."
            : null;
    }
}
