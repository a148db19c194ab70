using Chat.Lab.Reporting;
using Chat.Lab.Results;

namespace Chat.Tests.Lab.Reporting;

public sealed class MarkdownTests
{
    private static readonly Dictionary<string, string> Part = new() { ["lab:matrix"] = "| new |\n" };

    [Theory]
    [InlineData("before\n<!-- lab:matrix -->\nold\n<!-- /lab:matrix -->\nafter\n", "before\n<!-- lab:matrix -->\n| new |\n<!-- /lab:matrix -->\nafter\n")]
    [InlineData("<!-- lab:matrix --><!-- /lab:matrix -->", "<!-- lab:matrix -->\n| new |\n<!-- /lab:matrix -->")]
    [InlineData("no marks, <!-- lab:other --> as they are", "no marks, <!-- lab:other --> as they are")]
    public void Only_what_is_between_the_marks_changes(string text, string expected)
    {
        var refreshed = MarkedDocument.Refresh(text, Part);

        Assert.Equal(expected, refreshed);
        Assert.Equal(refreshed, MarkedDocument.Refresh(refreshed, Part));
    }

    [Fact]
    public void A_part_that_stands_twice_changes_twice()
    {
        const string once = "<!-- lab:matrix -->\nold and longer than what is new\n<!-- /lab:matrix -->\n";

        var refreshed = MarkedDocument.Refresh(once + once, Part);

        Assert.Equal(2, refreshed.Split("| new |").Length - 1);
        Assert.DoesNotContain("old", refreshed);
    }

    [Fact]
    public void A_mark_that_is_not_closed_is_an_error() =>
        Assert.Throws<FormatException>(() => MarkedDocument.Refresh("<!-- lab:matrix -->\n", Part));

    [Fact]
    public void The_matrix_has_a_line_for_each_experiment_and_a_column_for_each_strategy()
    {
        var lines = MarkdownReport.MatrixTable(SampleReport.Make()).Split('\n').Where(line => line.StartsWith('|')).ToArray();

        Assert.Equal(SampleExperiments.All.Length + 2, lines.Length);
        Assert.All(lines, line => Assert.Equal(SampleReport.Strategies.Length + 2, line.Count(character => character == '|')));
        Assert.Equal("| F01 Direct message to another node | **67 %** | 0 | 0 | 0 | 0 | 0 |", lines[2]);
        Assert.Contains(lines, line => line.StartsWith("| F21 ", StringComparison.Ordinal) && line.Contains("| **61 doubled** |", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("| F35 ", StringComparison.Ordinal) && line.Contains("| – | **4.4 %** |", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_cannot_break_a_table()
    {
        var report = SampleReport.Make();
        var odd = report with { Experiments = [report.Experiments[0] with { Title = "a | b\n<script>" }] };

        var table = MarkdownReport.MatrixTable(odd);

        Assert.Contains("a \\| b &lt;script>", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_experiment_says_what_was_predicted_and_what_came()
    {
        var report = SampleReport.Make();
        var cell = report.Cells[0] with { Headline = new Measure("lost deliveries", "%", 66.4, 66.7, "2 of 3", 2) };

        var text = MarkdownReport.Experiments(report with { Cells = [cell] });

        Assert.Contains("### F01 Direct message to another node\n", text, StringComparison.Ordinal);
        Assert.Contains("| `local` |  | lost deliveries | 66.7 % | 66.4 % | yes | broken: 67 % lost unnoticed |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_protection_whose_absence_breaks_nothing_stands_out() =>
        Assert.Contains("| `jitter` | spreads reconnects | `reconnect-storm` | **nothing** |", MarkdownReport.Ablations(SampleReport.Make()), StringComparison.Ordinal);
}
