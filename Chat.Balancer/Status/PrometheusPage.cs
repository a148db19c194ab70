using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Chat.Balancer.Status;

/// <summary>The balancer's metrics in Prometheus' text format, for whoever scrapes instead of collecting OTLP. Counts from its own making on.</summary>
internal sealed class PrometheusPage : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Where an instrument does not advise any.</summary>
    private static readonly double[] Bounds = [0.001, 0.01, 0.1, 1, 10];

    private readonly Lock _lock = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<Instrument, SortedDictionary<string, Series>> _instruments = [];

    public PrometheusPage(BalancerTelemetry telemetry)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == telemetry.Meter)
            {
                lock (_lock)
                {
                    _instruments[instrument] = new SortedDictionary<string, Series>(StringComparer.Ordinal);
                }

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        lock (_lock)
        {
            // A node that is gone has no gauge any more.
            foreach (var (instrument, series) in _instruments)
            {
                if (instrument.IsObservable)
                {
                    series.Clear();
                }
            }

            _listener.RecordObservableInstruments();
            var page = new StringBuilder();
            foreach (var (instrument, series) in _instruments.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal))
            {
                Write(page, instrument, series);
            }

            return page.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            var labels = Labels(tags);
            if (!_instruments[instrument].TryGetValue(labels, out var series))
            {
                var bounds = instrument is Histogram<double> histogram ? histogram.Advice?.HistogramBucketBoundaries?.ToArray() ?? Bounds : null;
                _instruments[instrument][labels] = series = new Series(bounds);
            }

            series.Add(value, replace: instrument.IsObservable);
        }
    }

    private static void Write(StringBuilder page, Instrument instrument, SortedDictionary<string, Series> all)
    {
        var type = TypeOf(instrument);
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (type == "counter" ? "_total" : "");
        page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {type}\n");
        foreach (var (labels, series) in all)
        {
            series.Write(page, name, labels);
        }
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => "histogram",
        Counter<long> or ObservableCounter<long> => "counter",
        _ => "gauge",
    };

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var text = $"{value}".Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            labels.Append(labels.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{name.Replace('.', '_')}=\"{text}\"");
        }

        return labels.ToString();
    }

    /// <param name="bounds">Of a histogram; null for a number.</param>
    private sealed class Series(double[]? bounds)
    {
        private readonly long[] _buckets = new long[(bounds?.Length ?? 0) + 1];
        private double _sum;
        private long _count;

        public void Add(double value, bool replace)
        {
            _sum = replace ? value : _sum + value;
            _count++;
            if (bounds is not null)
            {
                var index = Array.BinarySearch(bounds, value);
                _buckets[index < 0 ? ~index : index]++;
            }
        }

        public void Write(StringBuilder page, string name, string labels)
        {
            var braced = labels.Length > 0 ? $"{{{labels}}}" : "";
            if (bounds is null)
            {
                page.Append(CultureInfo.InvariantCulture, $"{name}{braced} {_sum}\n");
                return;
            }

            var before = labels.Length > 0 ? labels + "," : "";
            var below = 0L;
            for (var i = 0; i < bounds.Length; i++)
            {
                below += _buckets[i];
                page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{bounds[i]}\"}} {below}\n");
            }

            page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"+Inf\"}} {_count}\n{name}_sum{braced} {_sum}\n{name}_count{braced} {_count}\n");
        }
    }
}
