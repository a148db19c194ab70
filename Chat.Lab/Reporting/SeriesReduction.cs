using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>Makes a timeline short enough to be stored and drawn 150 times on one page.</summary>
internal static class SeriesReduction
{
    /// <summary>More cannot be told apart in a plot of ordinary width.</summary>
    public const int BucketsMax = 160;

    /// <summary>Adds neighbouring buckets up until at most <paramref name="bucketsMax"/> are left: no delivery is dropped.</summary>
    public static Timeline Reduce(Timeline timeline, int bucketsMax = BucketsMax)
    {
        var length = Math.Max(timeline.Deliveries.Count, Math.Max(timeline.Late.Count, timeline.Missing.Count));
        var width = Math.Max(1, (length + bucketsMax - 1) / bucketsMax);
        return width == 1
            ? timeline
            : timeline with
            {
                BucketSeconds = timeline.BucketSeconds * width,
                Deliveries = Merge(timeline.Deliveries, width),
                Late = Merge(timeline.Late, width),
                Missing = Merge(timeline.Missing, width),
            };
    }

    private static int[] Merge(IReadOnlyList<int> series, int width) => [.. series.Chunk(width).Select(chunk => chunk.Sum())];
}
