using System.Text.Json;
using Chat.Lab.Reporting;
using Chat.Lab.Results;

namespace Chat.Tests.Lab.Reporting;

public sealed class ReportJsonTests
{
    [Fact]
    public void What_is_read_is_what_was_written()
    {
        var written = ReportJson.Write(SampleReport.Make());

        var read = ReportJson.Read(written);

        Assert.Equal(written, ReportJson.Write(read));
        var (cell, original) = (read.Cells[7], ReportJson.Ordered(SampleReport.Make()).Cells[7]);
        Assert.Equal(original.Tally with { GhostSeconds = Math.Round(original.Tally.GhostSeconds, 3) }, cell.Tally);
        Assert.Equal((original.Experiment, original.Strategy, original.Verdict, original.Error), (cell.Experiment, cell.Strategy, cell.Verdict, cell.Error));
        Assert.Equal(original.Timeline.Deliveries, cell.Timeline.Deliveries);
        Assert.Equal(original.Timeline.Faults, cell.Timeline.Faults);
    }

    [Fact]
    public void The_order_in_which_cells_were_run_does_not_show()
    {
        var report = SampleReport.Make();

        var backwards = report with { Cells = [.. report.Cells.Reverse()], Versions = report.Versions.Reverse().ToDictionary() };

        Assert.Equal(ReportJson.Write(report), ReportJson.Write(backwards));
    }

    [Fact]
    public void A_long_series_is_shortened_without_losing_a_delivery()
    {
        var timeline = new Timeline(0.25, [.. Enumerable.Range(0, 1_001)], [.. Enumerable.Repeat(1, 1_001)], [], [], []);

        var reduced = SeriesReduction.Reduce(timeline);

        Assert.InRange(reduced.Deliveries.Count, 100, SeriesReduction.BucketsMax);
        Assert.Equal(timeline.Deliveries.Sum(), reduced.Deliveries.Sum());
        Assert.Equal(1_001, reduced.Late.Sum());
        Assert.Equal(0.25 * 7, reduced.BucketSeconds);
    }

    [Fact]
    public void What_is_no_number_survives()
    {
        var report = SampleReport.Make();
        var odd = report.Cells[0] with { Headline = new Measure("ratio", "×", double.NaN, double.PositiveInfinity) };

        var read = ReportJson.Read(ReportJson.Write(report with { Cells = [odd] }));

        Assert.Equal((double.NaN, double.PositiveInfinity), (read.Cells[0].Headline.Measured, read.Cells[0].Headline.Predicted));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public void What_is_no_report_is_refused(string json) => Assert.Throws<JsonException>(() => ReportJson.Read(json));
}
