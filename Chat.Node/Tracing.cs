using System.Diagnostics;
using Chat.Node.Backplane;

namespace Chat.Node;

/// <summary>
/// The spans of one message, as children of each other across Redis: receive and append on the node it entered, deliver on
/// every node with members. Names and attributes follow OpenTelemetry's conventions for messaging.
/// </summary>
internal static class Tracing
{
    public const string SourceName = "Chat.Node";

    private static readonly ActivitySource Source = new(SourceName);

    /// <param name="traceparent">The span of the request that opened the connection, as the balancer passed it on.</param>
    public static Activity? StartConnect(string nodeId, string connectionId, string? traceparent)
    {
        ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
        return Source.StartActivity(ActivityKind.Server, parent, name: "connect")
            ?.SetTag("chat.node.id", nodeId).SetTag("chat.connection.id", connectionId);
    }

    /// <param name="traceparent">The client's span, if it sent one.</param>
    public static Activity? StartReceive(string room, string nodeId, string messageId, string? traceparent)
    {
        ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
        var activity = Source.StartActivity(ActivityKind.Server, parent, name: $"receive {room}");
        return Describe(activity, "receive", "receive", room, nodeId)?.SetTag("messaging.message.id", messageId);
    }

    public static Activity? StartAppend(string room, string nodeId) =>
        Describe(
            Activity.Current is null ? null : Source.StartActivity(ActivityKind.Producer, name: $"append {room}"),
            "append",
            "send",
            room,
            nodeId);

    /// <returns>Null when the message's trace is not sampled; then nothing was parsed or allocated.</returns>
    public static Activity? StartDeliver(Publication publication, string room, string nodeId, int recipients)
    {
        if (publication.Origin.Traceparent is null
            || !ActivityContext.TryParse(publication.Origin.Traceparent, null, isRemote: true, out var parent))
        {
            return null;
        }

        var activity = Source.StartActivity(ActivityKind.Consumer, parent, name: $"deliver {room}");
        return Describe(activity, "deliver", "process", room, nodeId)
            ?.SetTag("chat.position.epoch", publication.Position.Epoch)
            .SetTag("chat.position.offset", publication.Position.Offset)
            .SetTag("chat.node.entered", publication.Origin.Node)
            .SetTag("chat.recipients", recipients);
    }

    /// <returns>The context that travels with a publication; null when nobody records it.</returns>
    public static string? Traceparent(Activity? activity) => activity is { Recorded: true } ? activity.Id : null;

    private static Activity? Describe(Activity? activity, string operation, string type, string room, string nodeId) =>
        activity
            ?.SetTag("messaging.system", "redis")
            .SetTag("messaging.operation.name", operation)
            .SetTag("messaging.operation.type", type)
            .SetTag("messaging.destination.name", room)
            .SetTag("chat.node.id", nodeId);
}
