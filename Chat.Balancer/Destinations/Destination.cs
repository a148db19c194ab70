using System.Net;
using Chat.Balancer.Admission;
using Chat.Protocol;

namespace Chat.Balancer.Destinations;

/// <summary>One node as the balancer sees it, for one incarnation: its counters and its health. What its lease says is in <see cref="DestinationView"/>.</summary>
/// <param name="handshakes">Its own handshake rate, so that a storm does not fall on one node.</param>
internal sealed class Destination(
    string id, string incarnation, IPEndPoint endpoint, DestinationHealth health, RateQueue handshakes, long since)
{
    private int _connections;
    private long _picks;
    private long _failedConnects;
    private long _earlyCloses;
    private long _shed;

    public string Id { get; } = id;

    public string Incarnation { get; } = incarnation;

    public IPEndPoint Endpoint { get; } = endpoint;

    /// <summary>The clock's timestamp at which it was first seen ready.</summary>
    public long Since { get; } = since;

    public DestinationHealth Health { get; } = health;

    public RateQueue Handshakes { get; } = handshakes;

    /// <summary>Tunnels through this balancer, those in their handshake included.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public long Picks => Volatile.Read(ref _picks);

    public long FailedConnects => Volatile.Read(ref _failedConnects);

    public long EarlyCloses => Volatile.Read(ref _earlyCloses);

    public long Shed => Volatile.Read(ref _shed);

    /// <summary>Counts one connection in, until the slot is disposed.</summary>
    public Slot Enter()
    {
        Interlocked.Increment(ref _connections);
        return new Slot(this);
    }

    /// <summary>For <see cref="Slot.Dispose"/> alone.</summary>
    public void Leave(Slot slot) => Interlocked.Decrement(ref _connections);

    public void Picked() => Interlocked.Increment(ref _picks);

    public void Asked(int connections) => Interlocked.Add(ref _shed, connections);

    /// <param name="certain">Nobody listens there: out at once. A connect that only took too long is a bad sign, as a failed probe is.</param>
    /// <returns>True when that changed its health.</returns>
    public bool ConnectFailed(bool certain)
    {
        Interlocked.Increment(ref _failedConnects);
        return Health.Fail(certain);
    }

    /// <summary>It took a request and closed without a response: a bad sign, as a failed probe is.</summary>
    /// <returns>True when that changed its health.</returns>
    public bool ClosedEarly()
    {
        Interlocked.Increment(ref _earlyCloses);
        return Health.Fail(certain: false);
    }

    public bool IsOf(NodeLease lease) => lease.Id == Id && lease.Incarnation == Incarnation;
}
