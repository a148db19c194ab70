using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>Hears how a run goes on. Safe to call from any thread; never waits for a screen.</summary>
internal interface ILabProgress
{
    /// <param name="cells">How many there will be, ablations included.</param>
    void Begin(int cells);

    void CellStarted(ExperimentSummary experiment, string strategy);

    /// <param name="name">What is being broken, in a few words; the same for its end.</param>
    void FaultBegan(string name);

    void FaultEnded(string name);

    /// <summary>Where the present cell stands. Call it a few times a second.</summary>
    /// <param name="shown">Deliveries, over all clients.</param>
    /// <param name="open">Sends that are neither acked nor refused.</param>
    void Counts(int sent, int acked, long shown, int open);

    void CellFinished(Cell cell);

    /// <summary>The last call.</summary>
    void Done(LabReport report);
}
