using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>What stands behind one cell of the matrix.</summary>
internal static class CellDetail
{
    private const int AnomaliesMax = 6;

    public static Html Draw(ExperimentSummary row, Cell cell, LabParameters parameters) =>
        $"""
        <details class="detail"><summary>{Chip(cell)}<b>{cell.Strategy}</b> <span class="line">{CellText.Line(cell)}</span></summary>
        <div class="body" id="{Anchors.Of(cell)}" data-row="{row.Catalogue} {row.Title}" data-strategy="{cell.Strategy}">
        <p class="hypothesis">{row.Hypothesis}</p>
        <p class="verdict">{Chip(cell)}<span>{CellText.Sentence(cell).Replace(" %", "\u00A0%")}</span></p>
        {List("Promises that did not hold", [.. cell.Broken.Select(promise => promise.ToString())])}{TimelinePlot.Draw(cell.Timeline)}{Measures(cell)}{Promises(cell)}{Count(cell.Tally)}{Anomalies(cell)}
        <p class="how">{parameters.Nodes} nodes, {parameters.Clients} clients, {parameters.Redis} Redis, seed {parameters.Seed}; took {Amounts.Duration(cell.TookSeconds)}. Repeat it:</p>
        {Command(cell.Command)}
        </div></details>

        """;

    public static Html Chip(Cell cell) => $"""<span class="chip {MatrixTable.Class(cell)}">{Icons.Of(cell.Verdict)}{CellText.Word(cell.Verdict)}</span>""";

    public static Html Command(string command) => $"""<pre class="command"><code>{command}</code></pre>""";

    private static Html Measures(Cell cell) => cell.Verdict == Verdict.Failed && cell.Headline.Name.Length == 0
        ? Html.None
        : $"""
        <table class="measures"><thead><tr><th>measure</th><th class="num">predicted</th><th class="num">measured</th><th></th></tr></thead><tbody>
        {Measured(cell.Headline, "headline")}{cell.Measures.Select(measure => Measured(measure, ""))}</tbody></table>

        """;

    private static Html Promises(Cell cell) => cell.Promises.Count == 0
        ? Html.None
        : $"""
        <table class="measures"><thead><tr><th>promise</th><th class="num">bound</th><th class="num">measured</th><th></th></tr></thead><tbody>
        {cell.Promises.Select(Judged)}</tbody></table>

        """;

    private static Html Judged(Promise promise) =>
        $"""
        <tr><td>{Promise.Words(promise.Kind)}<small>{promise.What}</small></td><td class="num">{(promise.AtLeast ? "≥" : "≤")} {Amounts.Quantity(promise.Bound, promise.Unit)}</td><td class="num">{Amounts.Quantity(promise.Measured, promise.Unit)}</td><td>{Icons.Of(promise.Holds ? Verdict.Whole : Verdict.Broken)}</td></tr>

        """;

    private static Html Measured(Measure measure, string kind) =>
        $"""
        <tr class="{kind}"><td>{measure.Name}{Reason(measure)}</td><td class="num">{Predicted(measure)}</td><td class="num">{Amounts.Quantity(measure.Measured, measure.Unit)}{CellText.Range(measure)}</td><td>{Held(measure)}</td></tr>

        """;

    private static Html Reason(Measure measure) => measure.Reason is { Length: > 0 } reason ? $"<small>{reason}</small>" : Html.None;

    public static string Predicted(Measure measure) => measure.Predicted switch
    {
        null => "–",
        { } predicted when measure.Tolerance > 0 => $"{Amounts.Quantity(predicted, measure.Unit)} ± {Amounts.Quantity(measure.Tolerance, "").Trim()}",
        { } predicted => Amounts.Quantity(predicted, measure.Unit),
    };

    public static Html Held(Measure measure) => measure switch
    {
        { Predicted: null } => Html.None,
        { AsPredicted: true } => $"""<span class="held">{Icons.Of(Verdict.Whole)}<em>as predicted</em></span>""",
        _ => $"""<span class="held not">{Icons.Of(Verdict.Broken)}<em>prediction was wrong</em></span>""",
    };

    private static Html Count(Tally tally)
    {
        (string Name, string Amount, bool Bad)[] all =
        [
            ("sent", Amounts.Count(tally.Sent), false),
            ("acked", Amounts.Count(tally.Acked), false),
            ("refused or open", Amounts.Count(tally.Refused), false),
            ("deliveries due", Amounts.Count(tally.Expected), false),
            ("lost", Amounts.Count(tally.Lost), tally.Lost > 0),
            ("lost unnoticed", Amounts.Count(tally.LostUnnoticed), tally.LostUnnoticed > 0),
            ("acked, then lost", Amounts.Count(tally.AckedButLost), tally.AckedButLost > 0),
            ("shown twice", Amounts.Count(tally.Duplicates), tally.Duplicates > 0),
            ("swapped pairs", Amounts.Count(tally.Inversions), tally.Inversions > 0),
            ("skips", Amounts.Count(tally.Skips), tally.Skips > 0),
            ("longest ghost", Amounts.Seconds(tally.GhostSeconds), false),
        ];
        return $"""<dl class="tally">{all.Select(entry => (Html)$"""<div{(entry.Bad ? Html.Verbatim(" class=\"bad\"") : Html.None)}><dt>{entry.Name}</dt><dd>{entry.Amount}</dd></div>""")}</dl>""";
    }

    private static Html Anomalies(Cell cell) => cell.Anomalies.Count == 0
        ? Html.None
        : $"""<h4>The first of what the checker found</h4><ul class="anomalies">{cell.Anomalies.Take(AnomaliesMax).Select(anomaly => (Html)$"<li>{anomaly}</li>")}</ul>""";

    private static Html List(string title, IReadOnlyList<string> items) => items.Count == 0
        ? Html.None
        : $"""<h4>{title}</h4><ul class="promises">{items.Select(item => (Html)$"<li>{Icons.Of(Verdict.Broken)}{item}</li>")}</ul>""";
}
