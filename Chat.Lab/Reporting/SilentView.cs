using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>Says nothing on the way.</summary>
internal sealed class SilentView : ILabProgress
{
    public void Begin(int cells)
    {
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
    }

    public void Done(LabReport report)
    {
    }
}
