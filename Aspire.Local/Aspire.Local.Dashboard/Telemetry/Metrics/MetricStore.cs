using Aspire.Local.Dashboard.Telemetry.Model;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Dashboard.Telemetry.Metrics;

/// <summary>Keeps the newest points of every series within the limits. Safe to call from any thread.</summary>
internal sealed class MetricStore(IOptions<TelemetryLimits> options)
{
    private readonly TelemetryLimits _limits = options.Value;
    private readonly Lock _lock = new();
    private readonly Dictionary<InstrumentId, Instrument> _instruments = [];
    private readonly ChangeCounter _changes = new();
    private int _series;
    private long _bytes;
    private long _seriesDropped;

    public long Version => _changes.Value;

    /// <summary>How many series were dropped for newer ones, or not taken.</summary>
    public long SeriesDropped => Volatile.Read(ref _seriesDropped);

    /// <returns>How many samples found no room.</returns>
    public int Add(IReadOnlyList<SeriesSample> samples)
    {
        var rejected = 0;
        lock (_lock)
        {
            foreach (var sample in samples)
            {
                if (!TryAdd(sample))
                {
                    rejected++;
                }
            }

            _changes.Increment();
        }

        return rejected;
    }

    /// <returns>The instruments of one instance, by scope and name.</returns>
    public IReadOnlyList<InstrumentSummary> Instruments(TelemetryInstance instance)
    {
        lock (_lock)
        {
            return
            [
                .. _instruments.Where(i => ReferenceEquals(i.Key.Instance, instance))
                    .OrderBy(i => i.Key.Scope, StringComparer.Ordinal).ThenBy(i => i.Key.Name, StringComparer.Ordinal)
                    .Select(i => new InstrumentSummary(i.Key, i.Value.Description, i.Value.Series.Count)),
            ];
        }
    }

    public InstrumentSnapshot? Find(InstrumentId id)
    {
        lock (_lock)
        {
            return _instruments.TryGetValue(id, out var instrument)
                ? new InstrumentSnapshot(id, instrument.Description, [.. instrument.Series.Values.Select(s => s.Snapshot())])
                : null;
        }
    }

    private bool TryAdd(SeriesSample sample)
    {
        if (!_instruments.TryGetValue(sample.Instrument, out var instrument))
        {
            _instruments.Add(sample.Instrument, instrument = new Instrument(sample.Description));
        }

        var key = SeriesKey.Of(sample.Attributes);
        if (!instrument.Series.TryGetValue(key, out var series) || !series.Bounds.SequenceEqual(sample.Bounds))
        {
            if (series is null && instrument.Series.Count >= _limits.SeriesPerInstrumentMax)
            {
                _seriesDropped++;
                return false;
            }

            Forget(instrument, key);
            series = new MetricSeries(sample.Attributes, sample.Bounds);
            MakeRoomFor(series);
            // Making room may have dropped the instrument itself, when this was its only series.
            _instruments[sample.Instrument] = instrument;
            instrument.Series.Add(key, series);
            _series++;
            _bytes += series.Bytes;
        }

        _bytes += series.Add(sample.Point, sample.IsDelta);
        while (series.Count > 1 && (series.Count > _limits.PointsPerSeriesMax || _bytes > _limits.MetricBytesMax))
        {
            _bytes -= series.DropOldest();
        }

        return true;
    }

    // A search over all is rare: only a new series at the limit pays for it.
    private void MakeRoomFor(MetricSeries added)
    {
        while (_series > 0 && (_series >= _limits.SeriesMax || _bytes + added.Bytes > _limits.MetricBytesMax))
        {
            var stalest = _instruments
                .SelectMany(i => i.Value.Series, (i, s) => (Id: i.Key, Instrument: i.Value, s.Key, s.Value.LastNanos))
                .MinBy(s => s.LastNanos);
            Forget(stalest.Instrument, stalest.Key);
            _seriesDropped++;
            if (stalest.Instrument.Series.Count == 0)
            {
                _instruments.Remove(stalest.Id);
            }
        }
    }

    private void Forget(Instrument instrument, string key)
    {
        if (instrument.Series.Remove(key, out var series))
        {
            _bytes -= series.Bytes;
            _series--;
        }
    }

    private sealed record Instrument(InstrumentDescription Description)
    {
        public Dictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);
    }
}
