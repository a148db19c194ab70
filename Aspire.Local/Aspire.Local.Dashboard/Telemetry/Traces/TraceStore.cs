using Aspire.Local.Dashboard.Telemetry.Model;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Dashboard.Telemetry.Traces;

/// <param name="Traces">Newest start first.</param>
internal sealed record TraceSnapshot(long Version, IReadOnlyList<Trace> Traces, int Spans, long Bytes, long TracesDropped, long SpansDropped);

/// <summary>Keeps the newest traces within the limits. Safe to call from any thread.</summary>
internal sealed class TraceStore(IOptions<TelemetryLimits> options)
{
    private readonly TelemetryLimits _limits = options.Value;
    private readonly Lock _lock = new();
    private readonly Dictionary<TraceId, LinkedListNode<TraceBuilder>> _byId = [];
    private readonly LinkedList<TraceBuilder> _byArrival = [];
    private readonly ChangeCounter _changes = new();
    private TraceSnapshot _snapshot = new(0, [], 0, 0, 0, 0);
    private int _spans;
    private long _bytes;
    private long _tracesDropped;
    private long _spansDropped;

    public long Version => _changes.Value;

    public void Add(IReadOnlyList<TraceSpan> spans)
    {
        if (spans.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var span in spans)
            {
                Add(span);
            }

            _changes.Increment();
        }
    }

    /// <summary>Costs nothing when nothing changed since the last call. What it costs, no sender waits for.</summary>
    public TraceSnapshot Snapshot()
    {
        TraceSnapshot counts;
        Lazy<Trace>[] pending;
        lock (_lock)
        {
            if (_snapshot.Version == _changes.Value)
            {
                return _snapshot;
            }

            counts = new TraceSnapshot(_changes.Value, [], _spans, _bytes, _tracesDropped, _spansDropped);
            pending = [.. _byArrival.Select(b => b.Current())];
        }

        var traces = Array.ConvertAll(pending, t => t.Value);
        Array.Sort(traces, static (a, b) => b.StartNanos.CompareTo(a.StartNanos));
        lock (_lock)
        {
            // Another viewer may have taken a newer one meanwhile.
            if (counts.Version > _snapshot.Version)
            {
                _snapshot = counts with { Traces = traces };
            }

            return _snapshot;
        }
    }

    /// <returns>Null when it was never seen, or has been dropped.</returns>
    public Trace? Find(TraceId id)
    {
        Lazy<Trace>? found;
        lock (_lock)
        {
            found = _byId.TryGetValue(id, out var node) ? node.Value.Current() : null;
        }

        return found?.Value;
    }

    public void Clear()
    {
        lock (_lock)
        {
            _byId.Clear();
            _byArrival.Clear();
            (_spans, _bytes, _tracesDropped, _spansDropped) = (0, 0, 0, 0);
            _changes.Increment();
        }
    }

    private void Add(TraceSpan span)
    {
        MakeRoom(span);
        if (!_byId.TryGetValue(span.TraceId, out var node))
        {
            node = _byArrival.AddLast(new TraceBuilder(span.TraceId));
            _byId.Add(span.TraceId, node);
        }

        var isFull = node.Value.Count >= _limits.SpansPerTraceMax || _bytes + span.Bytes > _limits.SpanBytesMax;
        if (isFull && node.Value.Count > 0)
        {
            _spansDropped++;
        }
        else if (node.Value.TryAdd(span))
        {
            _spans++;
            _bytes += span.Bytes;
        }
    }

    // The last trace stays: one that is larger than everything allowed keeps its beginning.
    private void MakeRoom(TraceSpan span)
    {
        while ((_spans >= _limits.SpansMax || _bytes + span.Bytes > _limits.SpanBytesMax)
            && _byArrival.First is { } oldest
            && (_byArrival.Count > 1 || oldest.Value.Id != span.TraceId))
        {
            _byArrival.RemoveFirst();
            _byId.Remove(oldest.Value.Id);
            _spans -= oldest.Value.Count;
            _bytes -= oldest.Value.Bytes;
            _spansDropped += oldest.Value.Count;
            _tracesDropped++;
        }
    }
}
