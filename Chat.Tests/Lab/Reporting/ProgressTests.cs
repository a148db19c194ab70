using Chat.Lab.Reporting;
using Chat.Lab.Results;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Lab.Reporting;

public sealed class ProgressTests
{
    private static readonly LabReport Sample = SampleReport.Make();

    [Fact]
    public void The_live_view_shows_what_is_broken_what_is_counted_and_what_has_come_out()
    {
        var time = new FakeTimeProvider();
        var board = new ProgressBoard(time);
        board.Begin(4);
        board.CellStarted(Sample.Experiments[0], "local");
        time.Advance(TimeSpan.FromSeconds(30));
        board.CellFinished(Sample.Cells[0]);
        board.CellStarted(Sample.Experiments[1], "log");
        time.Advance(TimeSpan.FromSeconds(10));
        board.FaultBegan("node [2] SIGKILL");
        board.Counts(1_200, 1_190, 22_000, 10);

        var screen = Show(board.Snapshot());

        Assert.Contains("1 of 4  40 s, about 1 min 20 s left", screen, StringComparison.Ordinal);
        Assert.Contains("F25 A node dies  with log  10 s", screen, StringComparison.Ordinal);
        Assert.Contains("✕ node [2] SIGKILL", screen, StringComparison.Ordinal);
        Assert.Contains("sent 1,200   acked 1,190   shown 22,000   open 10", screen, StringComparison.Ordinal);
        Assert.Contains("1 ✕ broken", screen, StringComparison.Ordinal);
        Assert.Contains("67 % lost unnoticed", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_broken_is_gone_when_it_has_ended()
    {
        var board = new ProgressBoard(new FakeTimeProvider());
        board.CellStarted(Sample.Experiments[0], "log");
        board.FaultBegan("one");
        board.FaultBegan("other");

        board.FaultEnded("one");

        Assert.Equal(["other"], board.Snapshot().Broken);
    }

    [Fact]
    public void Only_the_last_cells_are_kept()
    {
        var board = new ProgressBoard(new FakeTimeProvider());

        foreach (var cell in Sample.Cells)
        {
            board.CellFinished(cell);
        }

        var state = board.Snapshot();
        Assert.Equal(Sample.Cells.Reverse().Take(ProgressBoard.FinishedMax), state.Finished);
        Assert.Equal(Sample.Cells.Count, state.Verdicts.Values.Sum());
    }

    [Fact]
    public void Plain_output_is_a_line_for_each_cell_and_the_command_where_it_went_wrong()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var view = new PlainView(output);
        view.Begin(2);

        view.CellFinished(Sample.Cells[0]);
        view.CellFinished(Sample.Cells[5]);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("[  1/2] broken direct-message local: 67 % lost unnoticed (", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(Sample.Cells[0].Command, lines[1], StringComparison.Ordinal);
        Assert.StartsWith("[  2/2] whole  direct-message log: nothing lost, doubled or swapped (", lines[2], StringComparison.Ordinal);
    }

    private static string Show(ProgressSnapshot state)
    {
        using var output = new StringWriter();
        var console = Consoles.Plain(output);
        console.Write(LiveView.Draw(state));
        return output.ToString();
    }
}
