using System.Diagnostics.Metrics;

namespace Chat.Node;

/// <summary>What a node counts. One instance a node.</summary>
internal sealed class NodeMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _received;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _closed;
    private readonly UpDownCounter<long> _connections;
    private readonly Histogram<double> _append;

    public NodeMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Tracing.SourceName);
        _delivered = _meter.CreateCounter<long>("chat.deliveries", "{delivery}", "Messages handed to members.");
        _received = _meter.CreateCounter<long>("chat.frames.received", "{frame}", "Frames from clients.");
        _errors = _meter.CreateCounter<long>("chat.errors", "{error}", "Frames that could not be used, by code.");
        _closed = _meter.CreateCounter<long>("chat.connections.closed", "{connection}", "Connections closed, by code.");
        _connections = _meter.CreateUpDownCounter<long>("chat.connections", "{connection}", "Connections held now.");
        _append = _meter.CreateHistogram<double>("chat.append.duration", "s", "Time until a message was stored.");
    }

    public void Delivered(int members) => _delivered.Add(members);

    public void Received() => _received.Add(1);

    public void Error(string code) => _errors.Add(1, new KeyValuePair<string, object?>("code", code));

    public void Opened() => _connections.Add(1);

    public void Closed(int code)
    {
        _connections.Add(-1);
        _closed.Add(1, new KeyValuePair<string, object?>("code", code));
    }

    public void Appended(TimeSpan duration) => _append.Record(duration.TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
