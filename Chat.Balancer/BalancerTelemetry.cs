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

    private readonly Counter<long> _refused;
    private readonly Counter<long> _picks;
    private readonly Counter<long> _probes;
    private readonly Counter<long> _shed;
    private readonly Histogram<double> _handshakes;
    private readonly ConcurrentDictionary<Refusal, StrongBox> _refusals = new();

    public BalancerTelemetry(IMeterFactory meters, DestinationTable table, BalancerState state)
    {
        Meter = meters.Create(Name);
        _refused = Meter.CreateCounter<long>("chat.balancer.refused", "{request}", "Requests refused, by reason.");
        _picks = Meter.CreateCounter<long>("chat.balancer.picks", "{pick}", "Requests given to a node.");
        _probes = Meter.CreateCounter<long>("chat.balancer.probes", "{probe}", "Probes, by node and result.");
        _shed = Meter.CreateCounter<long>("chat.balancer.shed", "{connection}", "Connections that nodes were asked to move.");
        _handshakes = Meter.CreateHistogram<double>("chat.balancer.handshake.duration", "s", "From a WebSocket's request head to its 101.");
        Meter.CreateObservableGauge(
            "chat.balancer.destination.connections",
            () => table.Current.Select(view => new Measurement<int>(
                view.Connections, new KeyValuePair<string, object?>("node", view.Destination.Id))),
            "{connection}",
            "Live connections per node, as the balancer reckons them.");
        Meter.CreateObservableGauge(
            "chat.balancer.handshakes.waiting", () => state.Handshakes.Waiting, "{request}", "Handshakes in the admission queue.");
    }

    /// <summary>For instruments that their owners observe.</summary>
    public Meter Meter { get; }

    public ActivitySource Activities { get; } = new(Name);

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

    public void Dispose()
    {
        Activities.Dispose();
        Meter.Dispose();
    }

    private sealed class StrongBox
    {
        public long Value;
    }
}
