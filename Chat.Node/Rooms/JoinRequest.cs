using Chat.Protocol;
using Chat.Wires;

namespace Chat.Node.Rooms;

/// <summary>A connection wants to be in a room.</summary>
/// <param name="After">The last position the client has; null for the newest messages.</param>
/// <param name="Traced">It asks for hops.</param>
/// <param name="Loop">The connection's: all that is delivered to it is delivered there.</param>
/// <param name="Overflowed">Called when the queue is full.</param>
/// <param name="ConnectSpan">W3C trace context of the connection's own span; null when that is not recorded.</param>
internal sealed record JoinRequest(
    string Room,
    string Connection,
    string User,
    Position? After,
    bool Traced,
    OutboundQueue Queue,
    WireLoop Loop,
    Action Overflowed,
    string? ConnectSpan = null);
