using System.Diagnostics.Metrics;
using Chat.Node;

namespace Chat.Tests.Telemetry;

/// <summary>Counts one instrument of one node by the values of its tags.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _counts = [];
    private readonly MeterListener _listener = new();

    public MetricRecorder(string name, NodeMetrics node)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == name && instrument.Meter == node.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) => Add(tags, value));
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Add(tags, 1));
        _listener.Start();
    }

    /// <param name="tag">The value of one of its tags; empty for those without.</param>
    public long Count(string tag)
    {
        lock (_gate)
        {
            return _counts.GetValueOrDefault(tag);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags, long value)
    {
        lock (_gate)
        {
            if (tags.IsEmpty)
            {
                _counts[""] = _counts.GetValueOrDefault("") + value;
            }

            foreach (var tag in tags)
            {
                _counts[$"{tag.Value}"] = _counts.GetValueOrDefault($"{tag.Value}") + value;
            }
        }
    }
}
