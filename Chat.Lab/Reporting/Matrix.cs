using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>The cells of a report by row and column, as page, Markdown and terminal draw them.</summary>
internal sealed class Matrix
{
    private readonly Dictionary<(string Experiment, string Strategy), Cell> _cells = [];

    public Matrix(LabReport report)
    {
        Report = report;
        foreach (var cell in report.Cells)
        {
            _cells[(cell.Experiment, cell.Strategy)] = cell;
        }

        Rows = [.. report.Experiments.Where(experiment => report.Cells.Any(cell => cell.Experiment == experiment.Id))];
        Columns = [.. report.Cells.Select(cell => cell.Strategy).Distinct()
            .OrderBy(StrategyColumn.Rank).ThenBy(name => name, StringComparer.Ordinal).Select(StrategyColumn.Find)];
    }

    public LabReport Report { get; }

    /// <summary>Experiments with at least one cell.</summary>
    public IReadOnlyList<ExperimentSummary> Rows { get; }

    /// <summary>Strategies with at least one cell.</summary>
    public IReadOnlyList<StrategyColumn> Columns { get; }

    /// <returns>Null where the experiment was not run with that strategy.</returns>
    public Cell? Find(ExperimentSummary row, StrategyColumn column) => _cells.GetValueOrDefault((row.Id, column.Name));

    public IEnumerable<Cell> In(ExperimentSummary row) => Columns.Select(column => Find(row, column)).OfType<Cell>();

    public IEnumerable<Cell> In(StrategyColumn column) => Rows.Select(row => Find(row, column)).OfType<Cell>();

    /// <summary>Every measure, headlines included, that is not what was predicted.</summary>
    public IEnumerable<(ExperimentSummary Row, Cell Cell, Measure Measure)> WrongPredictions() =>
        from row in Rows
        from cell in In(row)
        where cell.Verdict != Verdict.Failed
        from measure in cell.Measures.Prepend(cell.Headline)
        where !measure.AsPredicted
        select (row, cell, measure);
}
