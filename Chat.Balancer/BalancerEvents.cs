using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Chat.Balancer;

/// <summary>Changes worth showing to whoever watches. A watcher that does not keep up loses the oldest.</summary>
internal sealed class BalancerEvents(TimeProvider clock)
{
    private const int QueueMax = 256;

    private readonly ConcurrentDictionary<Channel<BalancerEvent>, bool> _watchers = new();

    /// <param name="what">A stable word: ready, draining, gone, unhealthy, healthy, ejected, readmitted, leases-lost, leases-back, shed, enable, disable, drain, weight.</param>
    /// <param name="count">What the word counts, or 0.</param>
    public void Changed(string what, string? node = null, long count = 0)
    {
        foreach (var watcher in _watchers.Keys)
        {
            watcher.Writer.TryWrite(new BalancerEvent(clock.GetUtcNow(), what, node, count));
        }
    }

    public Watch Subscribe()
    {
        var channel = Channel.CreateBounded<BalancerEvent>(
            new BoundedChannelOptions(QueueMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _watchers[channel] = true;
        return new Watch(channel.Reader, () => _watchers.TryRemove(channel, out _));
    }

    internal sealed record Watch(ChannelReader<BalancerEvent> Reader, Action Leave) : IDisposable
    {
        public void Dispose() => Leave();
    }
}

internal sealed record BalancerEvent(DateTimeOffset At, string What, string? Node, long Count);
