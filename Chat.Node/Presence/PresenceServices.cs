using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using Chat.Node.Signals;
using Microsoft.Extensions.Options;

namespace Chat.Node.Presence;

/// <summary>What the presence of every room on this node shares.</summary>
internal sealed record PresenceServices(
    SubscriptionConnection Subscriptions,
    PeopleStore Store,
    RepairTurns Turns,
    NodeWatch Watch,
    NodeStatus Status,
    Pressure Pressure,
    NodeMetrics Metrics,
    NodeIdentity Node,
    IOptions<NodeOptions> Options,
    TimeProvider Time,
    ILogger<RoomPresence> Logger);
