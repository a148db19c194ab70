using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Chat.Balancer.Destinations;
using Chat.Balancer.Heads;
using Chat.Balancer.Relaying;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Balancer;

/// <summary>The balancer's metrics and spans, and the same numbers for its status page.</summary>
internal sealed class BalancerTelemetry : IDisposable
{
    public const string Name = "Chat.Balancer";

    private static readonly InstrumentAdvice<double> Latency = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly ActivitySource _activities = new(Name);
    private readonly Counter<long> _refused;
    private readonly Counter<long> _picks;
    private readonly Counter<long> _probes;
    private readonly Counter<long> _shed;
    private readonly Counter<long> _ejected;
    private readonly Counter<long> _retried;
    private readonly Histogram<double> _handshakes;
    private readonly ConcurrentDictionary<Refusal, StrongBox> _refusals = new();

    private readonly TraceBudget _traces;

    public BalancerTelemetry(
        IMeterFactory meters, BalancerState state, IOptions<BalancerOptions> options, TimeProvider clock)
    {
        _traces = new TraceBudget(options.Value.ClientTracesPerSecondMax, options.Value.ClientTracesPerSecondMax, clock);
        Meter = meters.Create(Name);
        _refused = Meter.CreateCounter<long>("chat.balancer.refused", "{request}", "Requests refused, by reason.");
        _picks = Meter.CreateCounter<long>("chat.balancer.picks", "{pick}", "Requests given to a node.");
        _probes = Meter.CreateCounter<long>("chat.balancer.probes", "{probe}", "Probes, by node and result.");
        _shed = Meter.CreateCounter<long>("chat.balancer.shed", "{connection}", "Connections that nodes were asked to move.");
        _ejected = Meter.CreateCounter<long>("chat.balancer.ejections", "{ejection}", "Nodes that got nothing for a while because of how their handshakes went.");
        _retried = Meter.CreateCounter<long>("chat.balancer.handshakes.retried", "{request}", "Handshakes that failed on one node and were tried on another.");
        _handshakes = Meter.CreateHistogram("chat.balancer.handshake.duration", "s", "From a WebSocket's request head to its 101.", advice: Latency);
        Meter.CreateObservableGauge(
            "chat.balancer.handshakes.waiting", () => state.Handshakes.Waiting, "{request}", "Handshakes in the admission queue.");
    }

    /// <summary>For instruments that their owners observe.</summary>
    public Meter Meter { get; }

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

    public void Ejected(string node) => _ejected.Add(1, new KeyValuePair<string, object?>("node", node));

    /// <param name="node">On which it failed.</param>
    public void Retried(string node) => _retried.Add(1, new KeyValuePair<string, object?>("node", node));

    public void HandshakeDone(TimeSpan duration) => _handshakes.Record(duration.TotalSeconds);

    /// <summary>Goes on with the client's trace, or starts one. Null when nobody listens: the client's header then passes unchanged.</summary>
    public Activity? StartSpan(RequestHead request)
    {
        if (!_activities.HasListeners())
        {
            return null;
        }

        request.Fields.Find("traceparent"u8, out var traceparent);
        var span = ForeignTrace.Start(
            _activities,
            request.IsWebSocket ? "handshake" : "forward",
            ActivityKind.Server,
            Grammar.Text(traceparent),
            _traces,
            static budget => budget.TryTake());
        return span?.SetTag("http.request.method", MethodOf(request)).SetTag("url.path", request.Path.ToString());
    }

    /// <param name="handover">How the request ended.</param>
    public static void EndSpan(Activity? span, Handover handover)
    {
        if (handover.Refusal is { } refusal)
        {
            span?.SetTag("http.response.status_code", refusal.Status)
                .SetTag("error.type", refusal.Reason)
                .SetStatus(ActivityStatusCode.Error, refusal.Reason);
        }
        else if (handover.Tunnel is not null)
        {
            span?.SetTag("http.response.status_code", 101);
        }
    }

    public void Dispose()
    {
        _activities.Dispose();
        Meter.Dispose();
    }

    /// <summary>A method that nobody knows is one of the client's choosing.</summary>
    private static string MethodOf(RequestHead request) =>
        request.Method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" or "TRACE" or "CONNECT"
            ? request.Method
            : "_OTHER";

    private sealed class StrongBox
    {
        public long Value;
    }
}
