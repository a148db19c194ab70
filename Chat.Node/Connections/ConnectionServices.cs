using Chat.Node.Access;
using Chat.Node.Admission;
using Chat.Node.Control;
using Chat.Node.Presence;
using Chat.Node.Rooms;

namespace Chat.Node.Connections;

/// <summary>What every connection of this node shares.</summary>
internal sealed record ConnectionServices(
    NodeIdentity Node,
    NodeStatus Status,
    ConnectionTable Table,
    RoomDirectory Rooms,
    UserConnections Users,
    Invitations Invitations,
    TokenService Tokens,
    ReadBudget Reads,
    NodeMetrics Metrics);
