using System.Diagnostics.Metrics;

namespace Chat.Node;

/// <summary>Measures how long one message took to each member of this node. One for all of them: a delivery allocates nothing.</summary>
/// <param name="receivedAt">When it entered the cluster, by the clock of the node that took it: the two may differ.</param>
internal sealed class DeliveryTimer(Histogram<double> duration, TimeProvider time, DateTimeOffset receivedAt)
{
    private readonly double _before = Math.Max(0, (time.GetUtcNow() - receivedAt).TotalSeconds);
    private readonly long _started = time.GetTimestamp();

    /// <summary>It is its turn on one member's socket.</summary>
    public void Written() => duration.Record(_before + time.GetElapsedTime(_started).TotalSeconds);
}
