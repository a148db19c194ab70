namespace Chat.Lab.Results;

/// <summary>Who watches a run. Called from any thread; returns soon.</summary>
internal interface ILabProgress
{
    void Begin(int cells);

    void CellStarted(ExperimentSummary experiment, string strategy);

    void FaultBegan(string name);

    void FaultEnded(string name);

    /// <param name="open">Sends that are neither acked nor refused.</param>
    void Counts(int sent, int acked, long shown, int open);

    void CellFinished(Cell cell);

    void Done(LabReport report);
}
