using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>What follows the experiments: protections taken away, predictions that were wrong, versions and parameters.</summary>
internal static class Appendix
{
    public static Html Ablations(LabReport report) => report.Ablations.Count == 0
        ? Html.None
        : $"""
        <section id="ablations"><h2>Each protection is needed</h2>
        <p class="lead"><code>log</code> again, with one of its protections taken away at a time. Something must break: a protection whose absence nobody notices would be dead weight.</p>
        <div class="scroll"><table class="plain"><thead><tr><th>without</th><th>in the experiment</th><th>what broke</th></tr></thead><tbody>
        {report.Ablations.Select(ablation => Ablation(report, ablation))}</tbody></table></div></section>

        """;

    private static Html Ablation(LabReport report, Ablation ablation)
    {
        var row = report.Experiments.FirstOrDefault(experiment => experiment.Id == ablation.Experiment);
        var where = row is null ? (Html)$"{ablation.Experiment}" : $"""<a href="#{Anchors.Of(row)}">{row.Title}</a>""";
        var broke = ablation.Error is { } error ? (Html)$"<strong>the run failed:</strong> {error}"
            : ablation.Broken.Count == 0
            ? (Html)$"""<span class="held not">{Icons.Of(Verdict.Broken)}nothing: not shown to be needed</span>"""
            : $"""<ul>{ablation.Broken.Select(promise => (Html)$"<li>{promise}</li>")}</ul><small>{string.Join(", ", Wrong.In(ablation.Tally).Select(wrong => $"{wrong.Amount} {wrong.Words}"))}</small>""";
        return $"""<tr><th scope="row"><code>{ablation.Protection}</code><small>{ablation.What}</small></th><td>{where}<small><code>{ablation.Command}</code></small></td><td>{broke}</td></tr>""";
    }

    public static Html WrongPredictions(Matrix matrix)
    {
        var wrong = matrix.WrongPredictions().ToArray();
        return wrong.Length == 0
            ? (Html)$"""<section id="wrong"><h2>Predictions that were wrong</h2><p class="lead">None.</p></section>"""
            : $"""
            <section id="wrong"><h2>Predictions that were wrong</h2>
            <p class="lead">{wrong.Length} of {matrix.Report.Cells.Sum(Predictions)}. They teach the most.</p>
            <div class="scroll"><table class="plain"><thead><tr><th>experiment</th><th>strategy</th><th>measure</th><th class="num">predicted</th><th class="num">measured</th></tr></thead><tbody>
            {wrong.Select(entry => (Html)$"""<tr><th scope="row"><a href="#{Anchors.Of(entry.Cell)}">{entry.Row.Title}</a></th><td>{entry.Cell.Strategy}</td><td>{entry.Measure.Name}<small>{entry.Measure.Reason}</small></td><td class="num">{CellDetail.Predicted(entry.Measure)}</td><td class="num">{Amounts.Quantity(entry.Measure.Measured, entry.Measure.Unit)}</td></tr>""")}</tbody></table></div></section>

            """;
    }

    public static Html Circumstances(LabReport report)
    {
        var told = report.Parameters;
        (string Name, string Value)[] all =
        [
            ("nodes", $"{told.Nodes}"), ("clients", $"{told.Clients}"), ("Redis", told.Redis), ("load in each cell", Amounts.Seconds(told.Seconds)),
            ("seed", $"{told.Seed}"), ("runs of each cell", $"{told.Repeat}"), ("predictions", report.Predictions.Length == 0 ? "none" : report.Predictions), ("begun", $"{report.StartedAt:yyyy-MM-dd HH:mm} UTC"), ("took", Amounts.Duration(report.TookSeconds)),
        ];
        var versions = report.Versions.Select(version => (version.Key, version.Value));
        return $"""
            <section id="circumstances"><h2>Circumstances</h2>
            <dl class="facts">{all.Concat(versions).Select(fact => (Html)$"<div><dt>{fact.Item1}</dt><dd>{fact.Item2}</dd></div>")}</dl>
            {CellDetail.Command(report.Command)}</section>

            """;
    }

    private static int Predictions(Cell cell) =>
        cell.Verdict == Verdict.Failed ? 0 : cell.Measures.Prepend(cell.Headline).Count(measure => measure.Predicted is not null);
}
