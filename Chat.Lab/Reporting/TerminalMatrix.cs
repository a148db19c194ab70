using Chat.Lab.Results;
using Spectre.Console;

namespace Chat.Lab.Reporting;

/// <summary>The matrix as a table for a terminal: what is left on the screen after a run.</summary>
internal static class TerminalMatrix
{
    public static Table Draw(LabReport report)
    {
        var matrix = new Matrix(ReportJson.Ordered(report));
        var table = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (var column in matrix.Columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Name)).Centered());
        }

        foreach (var row in matrix.Rows)
        {
            table.AddRow([new Markup(Markup.Escape($"{row.Catalogue} {row.Title}")), .. matrix.Columns.Select(column => Entry(matrix.Find(row, column)))]);
        }

        return table;
    }

    private static Markup Entry(Cell? cell) => new(cell switch
    {
        null => "[grey]–[/]",
        { Verdict: Verdict.Whole } => $"[green]{CellText.Figure(cell)}[/]",
        { Verdict: Verdict.Told } => "[yellow]told[/]",
        { Verdict: Verdict.Failed } => "[grey]failed[/]",
        _ => $"[red]{Markup.Escape(CellText.Figure(cell))}[/]",
    });
}
