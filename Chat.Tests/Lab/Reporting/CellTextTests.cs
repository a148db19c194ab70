using Chat.Lab.Reporting;
using Chat.Lab.Results;
using CsCheck;

namespace Chat.Tests.Lab.Reporting;

public sealed class CellTextTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0004, "< 0.1 %")]
    [InlineData(0.042, "4.2 %")]
    [InlineData(0.0998, "10 %")]
    [InlineData(0.667, "67 %")]
    [InlineData(0.9999, "> 99 %")]
    [InlineData(1, "100 %")]
    public void A_share_has_as_few_digits_as_tell(double ratio, string expected) => Assert.Equal(expected, Amounts.Share(ratio));

    [Fact]
    public void A_little_is_never_nothing_and_nearly_all_never_all() => Gen.Double[1e-12, 1 - 1e-9].Sample(ratio =>
    {
        var share = Amounts.Share(ratio);
        return share is not ("0" or "0 %" or "0.0 %" or "100 %") && share.Length <= 7;
    });

    [Theory]
    [InlineData(4.0, "s", "4 s")]
    [InlineData(1234.4, "messages", "1,234 messages")]
    [InlineData(-0.5, "s", "−0.5 s")]
    [InlineData(12.34, "×", "12.3 ×")]
    [InlineData(double.NaN, "%", "– %")]
    public void A_quantity_is_short(double value, string unit, string expected) => Assert.Equal(expected, Amounts.Quantity(value, unit));

    [Theory]
    [InlineData(40, "40 s")]
    [InlineData(65, "1 min 05 s")]
    [InlineData(7_260, "2 h 01 min")]
    public void A_duration_is_short(double seconds, string expected) => Assert.Equal(expected, Amounts.Duration(seconds));

    [Fact]
    public void A_broken_cell_that_lost_nothing_shows_the_worst_of_what_is_wrong()
    {
        var cell = SampleReport.Make().Cells[0] with
        {
            Verdict = Verdict.Broken,
            Tally = Tally.Nothing with { Expected = 100, Duplicates = 12, GhostSeconds = 21 },
        };

        Assert.Equal("12 doubled", CellText.Figure(cell));
        Assert.Equal("21 s", Assert.Single(CellText.Marks(cell)).Amount);
        Assert.Equal("12 doubled, 21 s ghosts", CellText.Line(cell));
    }

    [Fact]
    public void A_plot_says_when_a_burst_is_cut_off()
    {
        var timeline = new Timeline(0.5, [10, 10, 0, 10, 10], [0, 0, 0, 500, 0], [0, 0, 3, 0, 0], [new FaultSpan(1, 1.5, "cut & gone")], []);

        var plot = Chat.Lab.Reporting.Page.TimelinePlot.Draw(timeline).ToString();

        Assert.Contains("cut off: up to 1,020/s", plot, StringComparison.Ordinal);
        Assert.Contains(">cut &amp; gone</text>", plot, StringComparison.Ordinal);
    }
}
