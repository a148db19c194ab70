using Aspire.Local.Dashboard.Telemetry;
using Aspire.Local.Dashboard.Telemetry.Metrics;
using Aspire.Local.Dashboard.Telemetry.Model;
using CsCheck;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class MetricStoreTests
{
    private static readonly InstrumentId Sent = new(Some.Node, "Test", "sent");

    [Fact]
    public void Deltas_are_summed_to_running_totals()
    {
        var store = new MetricStore(Some.Limits());

        store.Add([Some.Sample("sent", 5, 1, isDelta: true), Some.Sample("sent", 3, 2, isDelta: true)]);

        Assert.Equal([5.0, 8.0], store.Find(Sent)!.Series[0].Points.Select(p => p.Value));
    }

    [Fact]
    public void Point_that_is_not_newer_is_ignored()
    {
        var store = new MetricStore(Some.Limits());

        store.Add([Some.Sample("sent", 5, 2), Some.Sample("sent", 4, 1), Some.Sample("sent", 6, 2)]);

        Assert.Equal([5.0], store.Find(Sent)!.Series[0].Points.Select(p => p.Value));
    }

    [Fact]
    public void Series_beyond_the_limit_of_an_instrument_are_rejected()
    {
        var store = new MetricStore(Some.Limits(new TelemetryLimits { SeriesPerInstrumentMax = 3 }));

        var rejected = store.Add([.. Enumerable.Range(0, 5).Select(i => Some.Sample("sent", 1, 1, room: $"room {i}"))]);

        Assert.Equal((2, 2L, 3), (rejected, store.SeriesDropped, store.Find(Sent)!.Series.Count));
    }

    [Fact]
    public void Stalest_series_make_room_for_new_instruments()
    {
        var store = new MetricStore(Some.Limits(new TelemetryLimits { SeriesMax = 10, SeriesPerInstrumentMax = 10 }));

        store.Add([.. Enumerable.Range(0, 12).Select(i => Some.Sample($"instrument {i}", 1, i + 1))]);

        Assert.Equal(10, store.Instruments(Some.Node).Count);
        Assert.Null(store.Find(new InstrumentId(Some.Node, "Test", "instrument 1")));
        Assert.Equal(2, store.SeriesDropped);
    }

    [Fact]
    public void Newest_points_of_a_series_stay()
    {
        var store = new MetricStore(Some.Limits(new TelemetryLimits { PointsPerSeriesMax = 10 }));

        store.Add([.. Enumerable.Range(1, 25).Select(i => Some.Sample("sent", i, i))]);

        Assert.Equal(Enumerable.Range(16, 10).Select(i => (double)i), store.Find(Sent)!.Series[0].Points.Select(p => p.Value));
    }

    [Fact]
    public void Rate_is_growth_per_second_and_survives_a_restart()
    {
        var points = new[] { (1, 10.0), (3, 30.0), (4, 5.0) }.Select(p => new MetricPoint(p.Item1 * 1_000_000_000L, p.Item2, 0, null)).ToArray();

        var rate = MetricMath.Rate(points);

        Assert.Equal([10.0, 5.0], rate.Select(p => p.Value));
    }

    [Fact]
    public void Rate_is_never_negative() => Gen.Double[0, 1e6].Array[2, 30].Sample(values =>
    {
        var rate = MetricMath.Rate([.. values.Select((v, i) => new MetricPoint((i + 1) * 1_000_000_000L, v, 0, null))]);

        Assert.All(rate, p => Assert.True(p.Value >= 0));
    });

    [Fact]
    public void Quantile_lies_within_the_bounds_and_grows() =>
        Gen.Select(Gen.Long[0, 1000].Array[6], Gen.Double[0, 1], Gen.Double[0, 1]).Sample((buckets, a, b) =>
        {
            double[] bounds = [1, 2, 5, 10, 100];
            var (low, high) = (MetricMath.Quantile(buckets, bounds, Math.Min(a, b)), MetricMath.Quantile(buckets, bounds, Math.Max(a, b)));

            Assert.True(buckets.Sum() == 0 ? double.IsNaN(low) : low is >= 0 and <= 100 && low <= high);
        });

    [Fact]
    public void Median_is_interpolated_within_its_bucket() =>
        Assert.Equal(15, MetricMath.Quantile([0, 10, 0], [10, 20], 0.5));

    [Fact]
    public void Chart_axis_holds_every_value_with_few_round_steps() => Gen.Double[-1e9, 1e9].Array[0, 20].Sample(values =>
    {
        var scale = ChartScale.Of(values);

        Assert.All(values, v => Assert.InRange(scale.Share(v), -1e-9, 1 + 1e-9));
        Assert.InRange(scale.Steps().Count(), 2, 8);
    });
}
