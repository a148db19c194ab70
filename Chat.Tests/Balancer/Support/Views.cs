using System.Net;
using Chat.Balancer;
using Chat.Balancer.Administration;
using Chat.Balancer.Admission;
using Chat.Balancer.Destinations;
using Chat.Protocol;

namespace Chat.Tests.Balancer.Support;

/// <summary>Destinations as a policy sees them, without a network.</summary>
internal static class Views
{
    public static DestinationView[] Of(params int[] connections) => [.. connections.Select((count, i) => Of($"n{i}", count))];

    public static DestinationView Of(string id, int reported, NodeState state = NodeState.Ready) => new(
        new Destination(
            id,
            "1",
            "http://127.0.0.1:1",
            new IPEndPoint(IPAddress.Loopback, 1),
            new DestinationHealth(new HealthRules(2, 2), TimeProvider.System),
            new Standing(StandingRules.Of(new BalancerOptions()), TimeProvider.System),
            new NodeSetting(),
            new RateQueue(1e9, 0, TimeSpan.Zero, TimeProvider.System),
            TimeProvider.System),
        new NodeLease(id, "1", "http://127.0.0.1:1", state, reported, 0),
        OwnAtReport: 0,
        LeaseSeen: 0);
}
