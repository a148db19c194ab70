using System.Text;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>The parts of a report that stand in the documents.</summary>
internal static class MarkdownReport
{
    /// <summary>By the name of their marks.</summary>
    public static IReadOnlyDictionary<string, string> Parts(LabReport report) => new Dictionary<string, string>
    {
        ["lab:matrix"] = MatrixTable(report),
        ["lab:experiments"] = Experiments(report),
        ["lab:ablations"] = Ablations(report),
    };

    /// <summary>All of them as one document.</summary>
    public static string Document(LabReport report) =>
        $"""
        # What breaks, in numbers

        {MatrixTable(report)}
        ## Each experiment

        {Experiments(report)}
        ## With one protection of `log` taken away

        {Ablations(report)}
        """;

    public static string MatrixTable(LabReport report)
    {
        var matrix = new Matrix(ReportJson.Ordered(report));
        var text = new StringBuilder();
        text.Append($"| what is done | {string.Join(" | ", matrix.Columns.Select(column => $"`{column.Name}`"))} |\n");
        text.Append($"| --- |{string.Concat(Enumerable.Repeat(" :-: |", matrix.Columns.Count))}\n");
        foreach (var row in matrix.Rows)
        {
            var cells = matrix.Columns.Select(column => Figure(matrix.Find(row, column)));
            text.Append($"| {row.Catalogue} {Escape(row.Title)} | {string.Join(" | ", cells)} |\n");
        }

        text.Append(
            "\nBold: the share of deliveries that are lost and that nobody was told of, or, where there are none, what else is wrong. told: lost for "
            + "good, and everybody concerned knows. 0: nothing lost, doubled or swapped. –: says nothing about that way, or is the same in all.\n");
        text.Append($"{Circumstances(report)}\n");
        return text.ToString();
    }

    public static string Experiments(LabReport report)
    {
        var matrix = new Matrix(ReportJson.Ordered(report));
        var text = new StringBuilder();
        foreach (var row in matrix.Rows)
        {
            text.Append($"### {row.Catalogue} {Escape(row.Title)}\n\n*Done:* {Escape(row.Fault)}. *Hypothesis:* {Escape(row.Hypothesis)}\n\n");
            text.Append("| strategy | with | measure | predicted | measured | as predicted | verdict |\n| --- | --- | --- | --: | --: | :-: | --- |\n");
            foreach (var cell in matrix.In(row))
            {
                text.Append($"| `{cell.Strategy}` | {Escape(cell.With)} | {Escape(cell.Headline.Name)} | {Predicted(cell.Headline)} | {Measured(cell)} | {Held(cell)} "
                    + $"| {CellText.Word(cell.Verdict)}: {Escape(CellText.Line(cell))} |\n");
            }

            text.Append('\n');
        }

        var wrong = matrix.WrongPredictions().Where(found => found.Measure != found.Cell.Headline).ToArray();
        if (wrong.Length > 0)
        {
            text.Append("### What else was predicted, and wrong\n\n| experiment | strategy | measure | predicted | measured | because |\n| --- | --- | --- | --: | --: | --- |\n");
            foreach (var (row, cell, measure) in wrong)
            {
                text.Append($"| {row.Catalogue} {Escape(row.Title)} | `{cell.Strategy}` | {Escape(measure.Name)} | {Predicted(measure)} "
                    + $"| {Amounts.Quantity(measure.Measured, measure.Unit)} | {Escape(measure.Reason ?? "")} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    public static string Ablations(LabReport report)
    {
        if (report.Ablations.Count == 0)
        {
            return "Not run.\n";
        }

        var text = new StringBuilder("| without | which | experiment | what broke |\n| --- | --- | --- | --- |\n");
        foreach (var ablation in report.Ablations)
        {
            var broke = ablation.Error is { } error ? $"**the run failed**: {error}" : ablation.Broken.Count == 0 ? "**nothing**" : string.Join("; ", ablation.Broken);
            text.Append($"| `{ablation.Protection}` | {Escape(ablation.What)} | `{ablation.Experiment}` | {Escape(broke)} |\n");
        }

        return text.ToString();
    }

    private static string Figure(Cell? cell) => cell switch
    {
        null => "–",
        { Verdict: Verdict.Broken } => $"**{CellText.Figure(cell)}**{(CellText.Seldom(cell) is { } seldom ? $" {seldom}" : "")}{(CellText.Told(cell) is { } told ? $", {told} told" : "")}",
        { Verdict: Verdict.Told } => CellText.Told(cell) is { } told ? $"{told} told" : $"{Amounts.Count(cell.Tally.AckedButLost)} acked, told",
        _ => CellText.Figure(cell),
    };

    private static string Predicted(Measure measure) => measure.Predicted is { } predicted ? Amounts.Quantity(predicted, measure.Unit) : "–";

    private static string Measured(Cell cell) => cell.Verdict == Verdict.Failed ? "–" : Amounts.Quantity(cell.Headline.Measured, cell.Headline.Unit) + CellText.Range(cell.Headline);

    private static string Held(Cell cell) =>
        cell.Verdict == Verdict.Failed || cell.Headline.Predicted is null ? "–" : cell.Headline.AsPredicted ? "yes" : "**no**";

    private static string Circumstances(LabReport report)
    {
        var told = report.Parameters;
        var seeds = told.Repeat == 1 ? $"seed {told.Seed}" : $"{told.Repeat} runs of each cell with seeds from {told.Seed} on, medians with what came least and most";
        var predictions = report.Predictions.Length == 0 ? "" : $", predictions: {report.Predictions}";
        return $"{told.Nodes} nodes, {told.Clients} clients, {told.Redis} Redis and {Amounts.Seconds(told.Seconds)} of load in each cell that names nothing else, "
            + $"{seeds}{predictions}, {Amounts.Duration(report.TookSeconds)}: `{report.Command}`";
    }

    /// <summary>Keeps names of people's making inside their cell of the table.</summary>
    private static string Escape(string text) => text.Replace("|", "\\|").Replace("<", "&lt;").ReplaceLineEndings(" ");
}
