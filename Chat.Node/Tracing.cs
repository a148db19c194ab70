using System.Diagnostics;
using System.Net;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.ServiceDefaults;
using StackExchange.Redis;

namespace Chat.Node;

/// <summary>
/// The spans of a node: a message's own, as children of each other across Redis, and those of what happens beside it, which link to
/// them. docs/telemetry.md has them all. With nobody listening, or nothing sampled, none of this allocates.
/// </summary>
internal static class Tracing
{
    public const string SourceName = "Chat.Node";

    /// <summary>Instead of the name of a direct room, which is that of its two users.</summary>
    private const string DirectRoomTemplate = "dm:{user}:{user}";

    private static readonly ActivitySource Source = new(SourceName);

    /// <param name="traceparent">The span of the request that opened the connection, as the balancer passed it on.</param>
    public static Activity? StartConnect(string nodeId, string connectionId, string? traceparent)
    {
        ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
        return Source.StartActivity(ActivityKind.Server, parent, name: "connect")
            ?.SetTag("chat.node.id", nodeId).SetTag("chat.connection.id", connectionId);
    }

    /// <param name="send">Found to be valid: nothing of it is looked at before.</param>
    /// <param name="budget">For the traces of all clients.</param>
    public static Activity? StartReceive(Connection connection, SendFrame send, string nodeId, TraceBudget budget)
    {
        var activity = ForeignTrace.Start(
            Source,
            "receive",
            ActivityKind.Server,
            send.Traceparent,
            (connection, budget),
            static payer => payer.connection.MayBeFollowed() && payer.budget.TryTake());
        return Describe(activity, "receive", "receive", send.Room, nodeId)
            ?.SetTag("messaging.message.id", send.Id)
            .SetTag("chat.connection.id", connection.Id)
            .LinkTo(connection.ConnectSpan);
    }

    public static Activity? StartAppend(string room, string nodeId) =>
        Describe(StartChild("append", ActivityKind.Producer), "append", "send", room, nodeId);

    /// <summary>One call to Redis, on behalf of the span that is current: from its start to the answer. Without one there is none: what polls makes no traces.</summary>
    /// <param name="target">The script's name, where it is one.</param>
    public static Activity? StartRedis(IDatabase redis, string command, string? target = null)
    {
        var activity = StartChild("redis", ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.DisplayName = target is null ? command : $"{command} {target}";
            var (host, port) = Server(redis);
            activity.SetTag("db.system.name", "redis").SetTag("db.operation.name", command).SetTag("db.stored_procedure.name", target)
                .SetTag("server.address", host).SetTag("server.port", port);
        }

        return activity;
    }

    /// <returns>Null when the message's trace is not sampled; then nothing was parsed or allocated.</returns>
    public static Activity? StartDeliver(Publication publication, string room, string nodeId, int recipients)
    {
        if (publication.Origin.Traceparent is null || !Source.HasListeners()
            || !ActivityContext.TryParse(publication.Origin.Traceparent, null, isRemote: true, out var parent))
        {
            return null;
        }

        var broughtBy = Activity.Current;
        var activity = Source.StartActivity(ActivityKind.Consumer, parent, name: "deliver");
        if (broughtBy is not null && broughtBy.SpanId != parent.SpanId)
        {
            activity?.AddLink(new ActivityLink(broughtBy.Context));
        }

        return Describe(activity, "deliver", "process", room, nodeId)?.At(publication.Position)
            .SetTag("chat.node.entered", publication.Origin.Node)
            .SetTag("chat.stored_at", FrameCodec.FormatTime(publication.StoredAt))
            .SetTag("chat.recipients", recipients);
    }

    /// <summary>A connection enters a room: <c>resume</c> when it says from where on, <c>join</c> otherwise.</summary>
    public static Activity? StartJoin(JoinRequest request, string nodeId)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var operation = request.After is null ? "join" : "resume";
        var activity = Source.StartActivity(ActivityKind.Server, parentContext: default, name: operation);
        return Describe(activity, operation, "receive", request.Room, nodeId)
            ?.SetTag("chat.connection.id", request.Connection)
            .SetTag("chat.after.epoch", request.After?.Epoch)
            .SetTag("chat.after.offset", request.After?.Offset)
            .LinkTo(request.ConnectSpan);
    }

    /// <summary>A node found that it had missed something. Begun after the fact: a look at the log that finds nothing is no trace.</summary>
    public static Activity? StartRepair(string room, string nodeId, string reason, DateTimeOffset startedAt)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity(ActivityKind.Internal, parentContext: default, startTime: startedAt, name: "repair");
        return Describe(activity, "repair", "receive", room, nodeId)?.SetTag("chat.repair.reason", reason);
    }

    /// <summary>What a read of the log brought: a link to each message's append.</summary>
    /// <param name="linksMax">Messages that are linked, the newest first: all are counted.</param>
    public static void Brought(this Activity? activity, CatchUp read, int linksMax)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        activity.At(read.Top).SetTag("chat.recovered", read.Recovered).SetTag("messaging.batch.message_count", read.Messages.Count);
        foreach (var message in read.Messages.Skip(read.Messages.Count - linksMax))
        {
            activity.LinkTo(message.Origin.Traceparent);
        }
    }

    public static void Fail(this Activity? activity, string type) =>
        activity?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error, type);

    public static Activity At(this Activity activity, Position position) =>
        activity.SetTag("chat.position.epoch", position.Epoch).SetTag("chat.position.offset", position.Offset);

    /// <returns>The context that travels with a publication, or is linked to later; null when nobody records it.</returns>
    public static string? Traceparent(Activity? activity) => activity is { Recorded: true } ? activity.Id : null;

    /// <summary>As the connection string has it: on a cluster, the first that it names.</summary>
    private static (string? Host, int? Port) Server(IDatabase redis) => redis.Multiplexer.GetEndPoints(configuredOnly: true).FirstOrDefault() switch
    {
        DnsEndPoint named => (named.Host, named.Port),
        IPEndPoint numbered => (numbered.Address.ToString(), numbered.Port),
        _ => (null, null),
    };

    /// <summary>Whatever the current span belongs to may have gone on without it: then there is nothing to be a child of.</summary>
    private static Activity? StartChild(string name, ActivityKind kind) =>
        Activity.Current is { IsStopped: false } ? Source.StartActivity(kind, name: name) : null;

    private static Activity LinkTo(this Activity activity, string? traceparent)
    {
        if (ActivityContext.TryParse(traceparent, null, isRemote: true, out var context))
        {
            activity.AddLink(new ActivityLink(context));
        }

        return activity;
    }

    /// <param name="room">Known to be a room's name: it becomes part of the span's.</param>
    private static Activity? Describe(Activity? activity, string operation, string type, string room, string nodeId)
    {
        if (activity is not { IsAllDataRequested: true })
        {
            return activity;
        }

        var template = RoomName.TryGetDirectUsers(room, out _, out _) ? DirectRoomTemplate : null;
        activity.DisplayName = $"{operation} {template ?? room}";

        // No "messaging.system": where it stands, Aspire's dashboard shows "MSG redis lobby" instead of the span's name.
        return activity
            .SetTag("messaging.operation.name", operation)
            .SetTag("messaging.operation.type", type)
            .SetTag("messaging.destination.name", room)
            .SetTag("messaging.destination.template", template)
            .SetTag("chat.node.id", nodeId);
    }
}
