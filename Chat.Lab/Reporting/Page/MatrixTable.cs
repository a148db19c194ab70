using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>The matrix: each row breaks something, each column coordinates in its own way.</summary>
/// <remarks>The roles are named because the style sheet takes the table apart on narrow screens.</remarks>
internal static class MatrixTable
{
    public static Html Draw(Matrix matrix) =>
        $"""
        <table class="matrix" role="table" aria-labelledby="title" style="--columns:{matrix.Columns.Count}">
        <thead role="rowgroup"><tr role="row"><th role="columnheader" class="corner"><span>what is done</span></th>{matrix.Columns.Select(column => Head(matrix, column))}</tr></thead>
        <tbody role="rowgroup">
        {matrix.Rows.Select(row => Row(matrix, row))}</tbody>
        </table>

        """;

    private static Html Head(Matrix matrix, StrategyColumn column)
    {
        var cells = matrix.In(column).ToArray();
        var parts = new[] { Verdict.Whole, Verdict.Told, Verdict.Broken, Verdict.Failed }
            .Select(verdict => (Verdict: verdict, Count: cells.Count(cell => cell.Verdict == verdict))).Where(part => part.Count > 0).ToArray();
        var words = string.Join(", ", parts.Select(part => $"{part.Count} {CellText.Word(part.Verdict)}"));
        return $"""
            <th role="columnheader" scope="col"><b>{column.Name}</b><small class="words">{column.Words}</small><span class="sum" role="img" aria-label="{words}" title="{words}">{parts.Select(part => (Html)$"""<i class="v-{CellText.Word(part.Verdict)}" style="flex:{part.Count}"></i>""")}</span><small class="count">{cells.Count(cell => cell.Verdict == Verdict.Broken)} of {cells.Length} broken</small></th>
            """;
    }

    private static Html Row(Matrix matrix, ExperimentSummary row) =>
        $"""
        <tr role="row"><th role="rowheader" scope="row"><a href="#{Anchors.Of(row)}"><span class="number">{row.Catalogue}</span><b>{row.Title}</b><small>{row.Fault}</small></a></th>{matrix.Columns.Select(column => Entry(matrix.Find(row, column), row))}</tr>

        """;

    private static Html Entry(Cell? cell, ExperimentSummary row)
    {
        if (cell is null)
        {
            return $"""<td role="cell"><span class="cell none"><span aria-hidden="true">–</span><span class="unseen">makes no sense here</span></span></td>""";
        }

        var figure = CellText.Figure(cell);
        var label = $"{row.Title}, {cell.Strategy}: {CellText.Word(cell.Verdict)}, {CellText.Line(cell)}";
        return $"""
            <td role="cell"><a class="cell {Class(cell)}" href="#{Anchors.Of(cell)}" aria-label="{label}" title="{label}"><span class="figure{(figure.Length > 7 ? " long" : "")}">{Icons.Of(cell.Verdict)}<span>{figure}</span></span>{TimelinePlot.DrawSmall(cell.Timeline)}{Marks(cell)}</a></td>
            """;
    }

    /// <summary>The colour, and for a broken cell how dark it is.</summary>
    public static string Class(Cell cell) => cell.Verdict != Verdict.Broken
        ? $"v-{CellText.Word(cell.Verdict)}"
        : $"v-broken g{cell.Tally.LossRatio switch { <= 0.01 => 1, <= 0.1 => 2, <= 0.4 => 3, _ => 4 }}";

    private static Html Marks(Cell cell)
    {
        var marks = CellText.Marks(cell);
        var told = CellText.Told(cell) is { } share ? (Html)$"<span>{share} told</span>" : Html.None;
        return marks.Count == 0 && CellText.Told(cell) is null
            ? Html.None
            : $"""<span class="marks">{told}{marks.Select(mark => (Html)$"""<span>{Icons.Of(mark.Kind)}{mark.Amount}<em> {mark.Words}</em></span>""")}</span>""";
    }
}
