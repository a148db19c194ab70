using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Traces;

/// <summary>Collects the spans of one trace. Its store owns it and locks around it.</summary>
internal sealed class TraceBuilder(TraceId id)
{
    private readonly List<TraceSpan> _spans = new(1);
    private readonly HashSet<SpanId> _ids = [];
    private Lazy<Trace>? _current;

    public TraceId Id => id;

    public int Count => _spans.Count;

    public long Bytes { get; private set; }

    /// <returns>False for a span it has: an exporter that saw no answer sends again.</returns>
    public bool TryAdd(TraceSpan span)
    {
        if (!_ids.Add(span.SpanId))
        {
            return false;
        }

        _spans.Add(span);
        Bytes += span.Bytes;
        _current = null;
        return true;
    }

    /// <returns>What is known now. Its value is built by whoever asks first, outside the store's lock.</returns>
    public Lazy<Trace> Current()
    {
        if (_current is null)
        {
            var spans = _spans.ToArray();
            _current = new Lazy<Trace>(() => Trace.From(spans));
        }

        return _current;
    }
}
