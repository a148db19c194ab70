using Chat.Lab.Reporting.Page;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>A report as one HTML file that asks the network for nothing.</summary>
internal static class HtmlReport
{
    public static string Write(LabReport report)
    {
        var matrix = new Matrix(ReportJson.Ordered(report));
        Html page =
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>What breaks between one node and many</title>
            <style>
            {Resource("report.css")}</style>
            </head>
            <body>
            {Icons.Definitions}
            <main>
            {Introduction(matrix)}
            {MatrixTable.Draw(matrix)}
            <section id="experiments"><h2>Each experiment: predicted, then measured</h2></section>
            {matrix.Rows.Select(row => ExperimentSection.Draw(matrix, row))}
            {Appendix.Ablations(matrix.Report)}{Appendix.WrongPredictions(matrix)}{Appendix.Circumstances(matrix.Report)}
            </main>
            <dialog id="drawer" aria-labelledby="drawer-title"><div class="bar"><h2 id="drawer-title"></h2><button type="button" data-go="-1" aria-label="strategy to the left">←</button><button type="button" data-go="1" aria-label="strategy to the right">→</button><button type="button" data-step="-1" aria-label="experiment above">↑</button><button type="button" data-step="1" aria-label="experiment below">↓</button><button type="button" data-close="" aria-label="close">×</button></div><div class="inside"></div></dialog>
            <script>
            {Resource("report.js")}</script>
            </body>
            </html>

            """;
        return page.ToString();
    }

    private static Html Introduction(Matrix matrix)
    {
        var told = matrix.Report.Parameters;
        return $"""
            <header>
            <h1 id="title">What breaks between one node and many</h1>
            <p class="lead">Each row does something to a chat of {told.Nodes} nodes, {told.Clients} clients and one Redis; each column is a way of coordinating the nodes.
            A number is the <strong>share of messages that somebody should have been shown, was not, and was not told of</strong>. Behind each cell: what was
            predicted, what was measured, and what happened when.</p>
            <ul class="legend" aria-label="Legend">
            <li>{Tile("v-whole", Verdict.Whole, "0")}<span><b>whole</b>: nothing lost, doubled or out of order</span></li>
            <li>{Tile("v-told", Verdict.Told, "told")}<span><b>told</b>: lost for good, and everybody concerned knows</span></li>
            <li>{Tile("v-broken g1", Verdict.Broken, "")}{Tile("v-broken g2", Verdict.Broken, "5 %")}{Tile("v-broken g3", Verdict.Broken, "30 %")}{Tile("v-broken g4", Verdict.Broken, "67 %")}<span><b>broken</b>, and nobody was told; the stronger the colour, the more is lost</span></li>
            {Where(matrix, Verdict.Failed, $"<li>{Tile("v-failed", Verdict.Failed, "failed")}<span>the run itself failed</span></li>")}<li><span class="tile none">–</span><span>makes no sense here</span></li>
            </ul>
            <ul class="legend signs" aria-label="Marks">
            {Mark(WrongKind.AckedButLost, "acked to its sender, then nowhere")}{Mark(WrongKind.Doubled, "shown twice")}{Mark(WrongKind.Swapped, "seen in two orders")}{Mark(WrongKind.Skipped, "left out without a word")}{Mark(WrongKind.Ghosts, "still shown as present, though gone")}
            <li><svg class="spark" aria-hidden="true"><rect class="f" x="35%" width="25%" height="100%"/><svg viewBox="0 0 20 100" preserveAspectRatio="none" width="100%" height="100%"><path class="d" d="M0 60V10H7V60H12V10H20V60z"/><path class="m" d="M7 60V100H12V60z"/></svg></svg>deliveries over time: above the line shown, below it missing; shaded: the fault</li>
            </ul>
            </header>

            """;
    }

    private static Html Where(Matrix matrix, Verdict verdict, Html piece) => matrix.Report.Cells.Any(cell => cell.Verdict == verdict) ? piece : Html.None;

    private static Html Tile(string kind, Verdict verdict, string figure) => $"""<span class="tile {kind}">{Icons.Of(verdict)}{figure}</span>""";

    private static Html Mark(WrongKind kind, string words) => $"<li>{Icons.Of(kind)}{words}</li>";

    private static Html Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return Html.Verbatim(reader.ReadToEnd());
    }
}
