using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>One experiment: what was expected, what came out, and the cells in full.</summary>
internal static class ExperimentSection
{
    public static Html Draw(Matrix matrix, ExperimentSummary row) =>
        $"""
        <section class="experiment" id="{Anchors.Of(row)}">
        <h3><span class="number">{row.Catalogue}</span> {row.Title}</h3>
        <p class="what"><span>{row.Fault}</span></p>
        <p class="hypothesis">{row.Hypothesis}</p>
        <div class="scroll"><table class="compare"><thead><tr><th>strategy</th><th>measure</th><th class="num">predicted</th><th class="num">measured</th><th></th><th>came out</th></tr></thead><tbody>
        {matrix.In(row).Select(Line)}</tbody></table></div>
        {matrix.In(row).Select(cell => CellDetail.Draw(row, cell, matrix.Report.Parameters))}</section>

        """;

    private static Html Line(Cell cell) => cell.Verdict == Verdict.Failed
        ? (Html)$"""<tr><th scope="row">{cell.Strategy}</th><td colspan="4">{cell.Error ?? "the run failed"}</td><td>{CellDetail.Chip(cell)}</td></tr>"""
        : $"""
        <tr><th scope="row">{cell.Strategy}</th><td>{cell.Headline.Name}</td><td class="num">{CellDetail.Predicted(cell.Headline)}</td><td class="num">{Amounts.Quantity(cell.Headline.Measured, cell.Headline.Unit)}</td><td>{CellDetail.Held(cell.Headline)}</td><td>{CellDetail.Chip(cell)}</td></tr>

        """;
}
