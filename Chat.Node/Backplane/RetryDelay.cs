namespace Chat.Node.Backplane;

/// <summary>How long to wait until Redis is tried again.</summary>
internal static class RetryDelay
{
    private const int DoublingsMax = 20;

    /// <summary>Full jitter, after the cap: those that failed together do not come back together.</summary>
    /// <param name="failures">In a row, up to now.</param>
    public static TimeSpan After(int failures, NodeOptions options) => Random.Shared.NextDouble() * TimeSpan.FromTicks(
        (long)Math.Min(options.RepairRetryMax.Ticks, options.RepairRetryMin.Ticks * Math.Pow(2, Math.Min(failures, DoublingsMax))));
}
