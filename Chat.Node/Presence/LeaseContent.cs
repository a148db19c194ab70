using Chat.Node.Connections;
using Chat.Protocol;

namespace Chat.Node.Presence;

/// <summary>What this node says of itself.</summary>
internal sealed class LeaseContent(
    NodeIdentity node,
    NodeStatus status,
    ConnectionTable connections,
    AdvertisedAddress address,
    TimeProvider time)
{
    private TimeSpan _cpu = Environment.CpuUsage.TotalTime;
    private long _at = time.GetTimestamp();
    private long _sequence;

    public string NodeId => node.Id;

    public TimeProvider Time => time;

    public Task WaitForAddressAsync(CancellationToken cancellationToken) => address.WaitAsync(cancellationToken);

    /// <summary>The load is the share of the processors used since the last reading.</summary>
    public NodeLease Read()
    {
        var (cpu, at) = (Environment.CpuUsage.TotalTime, time.GetTimestamp());
        var elapsed = time.GetElapsedTime(_at, at);
        var load = elapsed > TimeSpan.Zero ? (cpu - _cpu) / elapsed / Environment.ProcessorCount : 0;
        (_cpu, _at) = (cpu, at);
        var through = connections.All.CountBy(connection => connection.Balancer ?? "").ToDictionary();
        return new NodeLease(
            node.Id,
            node.Incarnation,
            address.Url,
            status.State,
            connections.Count,
            Math.Round(Math.Clamp(load, 0, 1), 3),
            Interlocked.Increment(ref _sequence),
            through);
    }
}
