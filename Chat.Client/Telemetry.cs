using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Chat.Client;

/// <summary>What all clients of a process tell of themselves, under the name <c>Chat.Client</c>.</summary>
internal static class Telemetry
{
    public const string Name = "Chat.Client";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Connections = Meter.CreateCounter<long>("chat.client.connections", "{connection}", "Connections that stood");
    private static readonly Counter<long> ConnectionsLost = Meter.CreateCounter<long>(
        "chat.client.connections.lost", "{connection}", "Connections that ended or never stood, by close code");
    private static readonly Counter<long> MessagesSent = Meter.CreateCounter<long>("chat.client.messages.sent", "{message}", "Messages put on the wire, retries included");
    private static readonly Counter<long> MessagesRetried = Meter.CreateCounter<long>("chat.client.messages.retried", "{message}", "Messages to be sent again, by reason");
    private static readonly Counter<long> MessagesReceived = Meter.CreateCounter<long>("chat.client.messages.received", "{message}", "Messages given to readers");
    private static readonly Counter<long> RoomHoles = Meter.CreateCounter<long>("chat.client.holes", "{hole}", "Holes in a room, for which it was joined again");
    private static readonly Counter<long> RoomEventsDropped = Meter.CreateCounter<long>("chat.client.events.dropped", "{event}", "Events that nobody read in time");
    private static readonly Histogram<double> AckTime = Meter.CreateHistogram<double>("chat.client.ack.duration", "s", "From the first send of a message to its ack");

    public static Activity? StartSend(string room, string id) => Source.StartActivity("chat send", ActivityKind.Producer)
        ?.SetTag("chat.room", room).SetTag("chat.message.id", id);

    public static void Connected() => Connections.Add(1);

    public static void Lost(int? closeCode) => ConnectionsLost.Add(1, new KeyValuePair<string, object?>("chat.close_code", closeCode ?? 0));

    public static void Sent() => MessagesSent.Add(1);

    public static void Retried(string reason) => MessagesRetried.Add(1, new KeyValuePair<string, object?>("chat.reason", reason));

    public static void Acked(TimeSpan after) => AckTime.Record(after.TotalSeconds);

    public static void Received() => MessagesReceived.Add(1);

    public static void Hole() => RoomHoles.Add(1);

    public static void EventDropped() => RoomEventsDropped.Add(1);
}
