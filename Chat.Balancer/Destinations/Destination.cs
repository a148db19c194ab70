using System.Net;
using Chat.Balancer.Administration;
using Chat.Balancer.Admission;
using Chat.Protocol;

namespace Chat.Balancer.Destinations;

/// <summary>One node as the balancer sees it, for one incarnation: its counters and its health. What its lease says is in <see cref="DestinationView"/>.</summary>
/// <param name="handshakes">Its own handshake rate, so that a storm does not fall on one node.</param>
internal sealed class Destination(
    string id, string incarnation, string url, IPEndPoint endpoint, DestinationHealth health, Standing standing, NodeSetting setting, RateQueue handshakes, TimeProvider clock)
{
    private long _since = clock.GetTimestamp();
    private int _connections;
    private long _picks;
    private long _failedConnects;
    private long _earlyCloses;
    private long _shed;

    public string Id { get; } = id;

    public string Incarnation { get; } = incarnation;

    public string Url { get; } = url;

    public IPEndPoint Endpoint { get; } = endpoint;

    /// <summary>The clock's timestamp at which it came, or came back: its share of the picks grows from then on.</summary>
    public long Since => Volatile.Read(ref _since);

    /// <summary>What its probes say, and connects that nobody took.</summary>
    public DestinationHealth Health { get; } = health;

    /// <summary>What an operator says.</summary>
    public NodeSetting Setting { get; } = setting;

    /// <summary>What its handshakes say.</summary>
    public Standing Standing { get; } = standing;

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

    /// <param name="lasting">For a handshake: its outcome is to be told.</param>
    public void Picked(bool lasting)
    {
        Interlocked.Increment(ref _picks);
        if (lasting)
        {
            Standing.Tried();
        }
    }

    /// <summary>It was out and is back: its clients went elsewhere and must not all come at once.</summary>
    public void SlowStartAgain() => Volatile.Write(ref _since, clock.GetTimestamp());

    public void Asked(int connections) => Interlocked.Add(ref _shed, connections);

    /// <param name="certain">Nobody listens there: out at once, as a probe would find. A connect that only took too long is evidence for whoever asks for it.</param>
    /// <returns>True when that changed its health.</returns>
    public bool ConnectFailed(bool certain)
    {
        Interlocked.Increment(ref _failedConnects);
        return certain && Health.Fail(certain: true);
    }

    /// <summary>It took a request and closed without a response.</summary>
    public void ClosedEarly() => Interlocked.Increment(ref _earlyCloses);

    public bool IsOf(NodeLease lease) => lease.Id == Id && lease.Incarnation == Incarnation && lease.Url == Url;
}
