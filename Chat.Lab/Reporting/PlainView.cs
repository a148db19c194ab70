using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>A run as lines, one for each cell that has finished: for logs, and for output that goes into a file.</summary>
internal sealed class PlainView(TextWriter output) : ILabProgress
{
    private readonly Lock _lock = new();
    private int _cells;
    private int _done;

    public void Begin(int cells)
    {
        lock (_lock)
        {
            _cells = cells;
        }
    }

    public void CellStarted(ExperimentSummary experiment, string strategy)
    {
    }

    public void FaultBegan(string name)
    {
    }

    public void FaultEnded(string name)
    {
    }

    public void Counts(int sent, int acked, long shown, int open)
    {
    }

    public void CellFinished(Cell cell)
    {
        lock (_lock)
        {
            _done++;
            output.WriteLine($"[{_done,3}/{_cells}] {CellText.Word(cell.Verdict),-6} {cell.Experiment} {cell.Strategy}: {CellText.Line(cell)} ({Amounts.Duration(cell.TookSeconds)})");
            if (cell.Verdict is Verdict.Broken or Verdict.Failed)
            {
                output.WriteLine($"          {cell.Command}");
            }

            output.Flush();
        }
    }

    public void Done(LabReport report)
    {
        lock (_lock)
        {
            output.WriteLine($"{report.Cells.Count} cells in {Amounts.Duration(report.TookSeconds)}");
        }
    }
}
