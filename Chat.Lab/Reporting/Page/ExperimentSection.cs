using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>One experiment: what was expected, what came out, and the cells in full.</summary>
internal static class ExperimentSection
{
    public static Html Draw(Matrix matrix, ExperimentSummary row)
    {
        var names = matrix.In(row).Where(cell => cell.Verdict != Verdict.Failed).Select(cell => cell.Headline.Name).Distinct().ToArray();
        // One measure for all strategies is named once, above.
        var named = names.Length > 1;
        Html caption = names.Length == 1 ? $"<caption>{names[0]}</caption>" : Html.None;
        return $"""
            <section class="experiment" id="{Anchors.Of(row)}">
            <h3><span class="number">{row.Catalogue}</span> {row.Title}</h3>
            <p class="what">{row.Fault}</p>
            <p class="hypothesis">{row.Hypothesis}</p>
            <div class="scroll"><table class="compare">{caption}<thead><tr><th>strategy</th>{(named ? Head("measure") : Html.None)}<th class="num">predicted</th><th class="num">measured</th><th></th><th>came out</th></tr></thead><tbody>
            {matrix.In(row).Select(cell => Line(cell, named))}</tbody></table></div>
            {matrix.In(row).Select(cell => CellDetail.Draw(row, cell, matrix.Report.Parameters))}</section>

            """;
    }

    private static Html Head(string name) => $"<th>{name}</th>";

    private static Html Line(Cell cell, bool named) => cell.Verdict == Verdict.Failed
        ? (Html)$"""<tr><th scope="row">{cell.Strategy}</th><td colspan="{(named ? 4 : 3)}">{cell.Error ?? "the run failed"}</td><td>{CellDetail.Chip(cell)}</td></tr>"""
        : $"""
        <tr><th scope="row">{cell.Strategy}</th>{(named ? (Html)$"<td>{cell.Headline.Name}</td>" : Html.None)}<td class="num">{CellDetail.Predicted(cell.Headline)}</td><td class="num">{Amounts.Quantity(cell.Headline.Measured, cell.Headline.Unit)}</td><td>{CellDetail.Held(cell.Headline)}</td><td>{CellDetail.Chip(cell)}</td></tr>

        """;
}
