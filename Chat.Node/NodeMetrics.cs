using System.Diagnostics.Metrics;
using Chat.Node.Connections;
using Chat.Protocol;

namespace Chat.Node;

/// <summary>What a node counts: docs/telemetry.md has the table. One instance a node. No tag holds what a client chose.</summary>
internal sealed class NodeMetrics : IDisposable
{
    private const string OtherCode = "other";

    /// <summary>What is usual here is milliseconds; what is not, up to the deadline of a call to Redis and beyond.</summary>
    private static readonly InstrumentAdvice<double> Latency = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _closed;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sends;
    private readonly Counter<long> _rejects;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _resumes;
    private readonly Counter<long> _repairs;
    private readonly Counter<long> _repaired;
    private readonly Counter<long> _broken;
    private readonly Counter<long> _catchUps;
    private readonly Counter<long> _sheds;
    private readonly Histogram<double> _append;
    private readonly Histogram<double> _redis;
    private readonly Histogram<double> _delivery;
    private readonly Histogram<double> _lag;
    private readonly Histogram<double> _lane;

    public NodeMetrics(IMeterFactory meters, ConnectionTable table)
    {
        Meter = meters.Create(Tracing.SourceName);
        _connections = Meter.CreateUpDownCounter<long>("chat.connections", "{connection}", "Connections held now.");
        _closed = Meter.CreateCounter<long>("chat.connections.closed", "{connection}", "Connections closed, by code.");
        _received = Meter.CreateCounter<long>("chat.frames.received", "{frame}", "Frames from clients.");
        _sends = Meter.CreateCounter<long>("chat.sends", "{message}", "Messages that clients sent, by result.");
        _rejects = Meter.CreateCounter<long>("chat.rejects", "{frame}", "What was refused, by reason.");
        _deliveries = Meter.CreateCounter<long>("chat.deliveries", "{delivery}", "Messages handed to members.");
        _resumes = Meter.CreateCounter<long>("chat.resumes", "{resume}", "Joins from a position, by result.");
        _repairs = Meter.CreateCounter<long>("chat.repairs", "{repair}", "Reads of the log for what may be missing, by reason and result.");
        _repaired = Meter.CreateCounter<long>("chat.repairs.messages", "{message}", "Messages that repairs read from the log.");
        _broken = Meter.CreateCounter<long>("chat.subscriptions.broken", "{connection}", "Subscription connections to Redis that broke or were given up.");
        _catchUps = Meter.CreateCounter<long>("chat.catchups", "{read}", "What members who joined were answered from.");
        _sheds = Meter.CreateCounter<long>("chat.sheds", "{request}", "What was left aside because the node had too much to do.");
        _append = Meter.CreateHistogram("chat.append.duration", "s", "From the append's start to its answer.", advice: Latency);
        _redis = Meter.CreateHistogram("chat.redis.duration", "s", "From a call to Redis to its answer.", advice: Latency);
        _delivery = Meter.CreateHistogram("chat.delivery.duration", "s", "From a message's entry to its turn on a member's socket.", advice: Latency);
        _lag = Meter.CreateHistogram("chat.publication.lag", "s", "From Redis' storing a publication to this node's reading it.", advice: Latency);
        _lane = Meter.CreateHistogram("chat.lane.duration", "s", "From a publication's arrival to its room's turn on this node.", advice: Latency);
        Meter.CreateObservableGauge("chat.queue.bytes", () => table.All.Sum(connection => (long)connection.Queue.QueuedBytes), "By", "Bytes that wait for members who read slowly.");
        Meter.CreateObservableGauge("chat.queue.connections", () => table.All.Count(connection => connection.Queue.IsBehind), "{connection}", "Connections for which something waits.");
    }

    public Meter Meter { get; }

    public void Opened() => _connections.Add(1);

    /// <param name="code">Perhaps of the peer's choosing: only those that are known are told apart.</param>
    public void Closed(int code)
    {
        _connections.Add(-1);
        _closed.Add(1, Tag("code", IsKnown(code) ? code : OtherCode));
    }

    public void Received() => _received.Add(1);

    /// <param name="result"><c>stored</c>, <c>duplicate</c>, or the code of the nack.</param>
    public void Sent(string result) => _sends.Add(1, Tag("result", result));

    /// <param name="reason">A code of the protocol, or <c>violation</c> of WebSocket's own.</param>
    public void Rejected(string reason) => _rejects.Add(1, Tag("reason", reason));

    public void Delivered(int members) => _deliveries.Add(members);

    /// <returns>Null when nobody wants to know how long deliveries take.</returns>
    public DeliveryTimer? StartDelivery(DateTimeOffset receivedAt, TimeProvider time) =>
        _delivery.Enabled ? new DeliveryTimer(_delivery, time, receivedAt) : null;

    /// <param name="result"><c>recovered</c>, <c>gap</c> or <c>unavailable</c>.</param>
    public void Resumed(string result) => _resumes.Add(1, Tag("result", result));

    /// <param name="messages">Those that the log had beyond what was delivered.</param>
    public void Repaired(string reason, string result, int messages)
    {
        _repairs.Add(1, Tag("reason", reason), Tag("result", result));
        _repaired.Add(messages, Tag("reason", reason));
    }

    public void Called(TimeSpan duration, bool failed)
    {
        if (failed)
        {
            _redis.Record(duration.TotalSeconds, Tag("error.type", ErrorCode.Unavailable));
        }
        else
        {
            _redis.Record(duration.TotalSeconds);
        }
    }

    /// <param name="reading">Bytes of logs that are being read, at any moment.</param>
    /// <param name="held">Bytes that rooms hold of their newest messages.</param>
    public void ObserveMemory(Func<long> reading, Func<long> held)
    {
        Meter.CreateObservableGauge("chat.recovery.bytes", reading, "By", "The most that the logs can bring which are being read now.");
        Meter.CreateObservableGauge("chat.feeds.bytes", held, "By", "What the rooms hold of their newest messages.");
    }

    /// <param name="result"><c>memory</c> or <c>log</c>.</param>
    public void CaughtUp(string result) => _catchUps.Add(1, Tag("result", result));

    /// <param name="load">What: <c>typing</c>, <c>history</c>, <c>joins</c>, <c>sends</c>.</param>
    public void Shed(string load) => _sheds.Add(1, Tag("load", load));

    public void SubscriptionsBroken() => _broken.Add(1);

    /// <param name="error">Null when it was stored.</param>
    public void Appended(TimeSpan duration, string? error)
    {
        if (error is null)
        {
            _append.Record(duration.TotalSeconds);
        }
        else
        {
            _append.Record(duration.TotalSeconds, Tag("error.type", error));
        }
    }

    /// <summary>Two clocks are compared here: below zero counts as zero.</summary>
    public void Lagged(TimeSpan lag) => _lag.Record(Math.Max(0, lag.TotalSeconds));

    /// <param name="delay">Of the slowest lane, at any moment.</param>
    public void ObserveLanes(Func<TimeSpan> delay) => Meter.CreateObservableGauge(
        "chat.lane.delay", () => delay().TotalSeconds, "s", "How long the publication whose turn it is on the slowest lane has been here.");

    /// <param name="waiting">Rooms that wait to be compared with Redis, at any moment.</param>
    public void ObserveRechecks(Func<int> waiting) => Meter.CreateObservableGauge(
        "chat.rechecks.waiting", () => waiting(), "{room}", "Rooms that wait to be compared with their logs.");

    public void Laned(TimeSpan duration) => _lane.Record(duration.TotalSeconds);

    public void Dispose() => Meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string key, object value) => new(key, value);

    private static bool IsKnown(int code) => code is >= 1000 and <= 1015 || Enum.IsDefined((CloseCode)code);
}
