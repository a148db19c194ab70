using Chat.Lab.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Chat.Lab.Reporting;

/// <summary>A run as it goes on, in a terminal that can be written over.</summary>
internal static class LiveView
{
    private const int BarWidth = 32;

    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs, draws until the run has ended, and wipes the drawing away.</summary>
    public static Task<LabReport> RunAsync(IAnsiConsole console, TimeProvider time, Func<ILabProgress, Task<LabReport>> run)
    {
        var board = new ProgressBoard(time);
        return console.Live(Draw(board.Snapshot())).AutoClear(true).StartAsync(async live =>
        {
            var running = run(board);
            using var timer = new PeriodicTimer(RefreshPeriod, time);
            while (!running.IsCompleted)
            {
                live.UpdateTarget(Draw(board.Snapshot()));
                // Nothing cancels the drawing: a cancelled run still has processes to stop, and ends by itself.
                await Task.WhenAny(running, timer.WaitForNextTickAsync(CancellationToken.None).AsTask());
            }

            return await running;
        });
    }

    public static IRenderable Draw(ProgressSnapshot state)
    {
        var filled = state.Cells == 0 ? 0 : BarWidth * state.Done / state.Cells;
        var left = state.Left is { } estimated ? $", about {Amounts.Duration(estimated.TotalSeconds)} left" : "";
        var rows = new List<IRenderable>
        {
            new Markup($"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] [bold]{state.Done}[/] of {state.Cells}  "
                + $"[grey]{Amounts.Duration(state.Elapsed.TotalSeconds)}{left}[/]  {Verdicts(state)}"),
            new Text(""),
            state.Experiment is null
                ? new Markup("[grey]between two cells[/]")
                : new Markup($"[bold]{Markup.Escape(state.Experiment)}[/]  with [bold]{Markup.Escape(state.Strategy!)}[/]  [grey]{Amounts.Duration(state.InCell.TotalSeconds)}[/]"),
            state.Broken.IsEmpty
                ? new Markup("[grey]nothing is broken right now[/]")
                : new Markup($"[red]✕ {Markup.Escape(string.Join(", ", state.Broken))}[/]"),
            new Markup($"sent [bold]{Amounts.Count(state.Sent)}[/]   acked [bold]{Amounts.Count(state.Acked)}[/]   shown [bold]{Amounts.Count(state.Shown)}[/]   "
                + $"open {(state.Open > 0 ? $"[yellow]{Amounts.Count(state.Open)}[/]" : "[bold]0[/]")}"),
            new Text(""),
        };
        if (!state.Finished.IsEmpty)
        {
            rows.Add(Finished(state.Finished));
        }

        return new Rows(rows);
    }

    private static Grid Finished(IEnumerable<Cell> cells)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var cell in cells)
        {
            grid.AddRow(new Markup(Word(cell.Verdict)), new Text(cell.Experiment), new Text(cell.Strategy), new Text(CellText.Line(cell)));
        }

        return grid;
    }

    private static string Verdicts(ProgressSnapshot state) => string.Join("  ", state.Verdicts.OrderBy(entry => entry.Key)
        .Select(entry => $"{entry.Value} {Word(entry.Key)}"));

    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Whole => "[green]✓ whole[/]",
        Verdict.Told => "[yellow]! told[/]",
        Verdict.Broken => "[red]✕ broken[/]",
        _ => "[grey]/ failed[/]",
    };
}
