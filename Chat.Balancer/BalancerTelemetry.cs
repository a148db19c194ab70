using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;

namespace Chat.Balancer;

/// <summary>The balancer's metrics and spans, and the same numbers for its status page.</summary>
internal sealed class BalancerTelemetry : IDisposable
{
    public const string Name = "Chat.Balancer";

    private readonly Meter _meter;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _picks;
    private readonly Counter<long> _probes;
    private readonly Counter<long> _shed;
    private readonly Histogram<double> _handshakes;
    private readonly ConcurrentDictionary<Refusal, StrongBox> _refusals = new();
    private long _bytesUp;
    private long _bytesDown;
    private int _tunnels;

    public BalancerTelemetry(IMeterFactory meters, DestinationTable table)
    {
        _meter = meters.Create(Name);
        _refused = _meter.CreateCounter<long>("chat.balancer.refused", "{request}", "Requests refused, by reason.");
        _picks = _meter.CreateCounter<long>("chat.balancer.picks", "{pick}", "Requests given to a node.");
        _probes = _meter.CreateCounter<long>("chat.balancer.probes", "{probe}", "Probes, by node and result.");
        _shed = _meter.CreateCounter<long>("chat.balancer.shed", "{connection}", "Connections that nodes were asked to move.");
        _handshakes = _meter.CreateHistogram<double>("chat.balancer.handshake.duration", "s", "From a WebSocket's request head to its 101.");
        _meter.CreateObservableCounter("chat.balancer.bytes", Bytes, "By", "Bytes through tunnels, by direction.");
        _meter.CreateObservableGauge("chat.balancer.tunnels", () => Tunnels, "{connection}", "Open tunnels.");
        _meter.CreateObservableGauge(
            "chat.balancer.destination.connections",
            () => table.Current.Select(view => new Measurement<int>(
                view.Connections, new KeyValuePair<string, object?>("node", view.Destination.Id))),
            "{connection}",
            "Live connections per node, as the balancer reckons them.");
    }

    public ActivitySource Activities { get; } = new(Name);

    public int Tunnels => Volatile.Read(ref _tunnels);

    public long BytesUp => Volatile.Read(ref _bytesUp);

    public long BytesDown => Volatile.Read(ref _bytesDown);

    public IReadOnlyDictionary<string, long> Refusals =>
        _refusals.ToDictionary(pair => pair.Key.Reason, pair => Volatile.Read(ref pair.Value.Value));

    public void Refused(Refusal refusal)
    {
        Interlocked.Increment(ref _refusals.GetOrAdd(refusal, _ => new StrongBox()).Value);
        _refused.Add(1, new KeyValuePair<string, object?>("reason", refusal.Reason));
    }

    public void Picked(Destination destination) => _picks.Add(1, new KeyValuePair<string, object?>("node", destination.Id));

    public void Probed(string node, string result) =>
        _probes.Add(1, new KeyValuePair<string, object?>("node", node), new KeyValuePair<string, object?>("result", result));

    public void Shed(string node, int connections) =>
        _shed.Add(connections, new KeyValuePair<string, object?>("node", node));

    public void HandshakeDone(TimeSpan duration) => _handshakes.Record(duration.TotalSeconds);

    public void TunnelOpened() => Interlocked.Increment(ref _tunnels);

    public void TunnelClosed() => Interlocked.Decrement(ref _tunnels);

    /// <param name="up">From the client to the node.</param>
    public void Relayed(bool up, long bytes) => Interlocked.Add(ref up ? ref _bytesUp : ref _bytesDown, bytes);

    public void Dispose()
    {
        Activities.Dispose();
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Bytes() =>
    [
        new(BytesUp, new KeyValuePair<string, object?>("direction", "up")),
        new(BytesDown, new KeyValuePair<string, object?>("direction", "down")),
    ];

    private sealed class StrongBox
    {
        public long Value;
    }
}
