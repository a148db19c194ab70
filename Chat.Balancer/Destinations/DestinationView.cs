using Chat.Protocol;

namespace Chat.Balancer.Destinations;

/// <summary>A destination with what its lease last said.</summary>
/// <param name="OwnAtReport">How many of those that the lease counts are this balancer's own: as the node says, or this balancer's count when it read that lease for the first time.</param>
/// <param name="LeaseSeen">When the lease was last there; the clock's timestamp.</param>
internal sealed record DestinationView(Destination Destination, NodeLease Lease, int OwnAtReport, long LeaseSeen)
{
    /// <summary>False while it stays though its lease is gone.</summary>
    public bool HasLease { get; init; } = true;

    /// <summary>It takes connections, as far as itself and the operator say.</summary>
    public bool Ready => Lease.State == NodeState.Ready && !Destination.Setting.Disabled;

    /// <summary>How full it is beside others: its connections for each unit of its weight.</summary>
    public double Fullness => Connections / Destination.Setting.Weight;

    public bool Usable => Ready && Destination.Health.Healthy && Destination.Standing.State != StandingState.Ejected;

    /// <summary>
    /// Live connections as far as anyone can know: other balancers' as the node reported them, and this balancer's own as they are now.
    /// </summary>
    public int Connections
    {
        get
        {
            var own = Destination.Connections;
            return Math.Max(own, Lease.Connections + own - OwnAtReport);
        }
    }
}
