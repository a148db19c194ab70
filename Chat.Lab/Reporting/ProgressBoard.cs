using System.Collections.Immutable;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>Where a run stands, at one moment.</summary>
/// <param name="Broken">What is being broken right now.</param>
/// <param name="Finished">The last cells, newest first, at most <see cref="ProgressBoard.FinishedMax"/>.</param>
/// <param name="Verdicts">How many cells have come out in which way.</param>
internal sealed record ProgressSnapshot(
    int Cells,
    int Done,
    TimeSpan Elapsed,
    string? Experiment,
    string? Strategy,
    TimeSpan InCell,
    ImmutableList<string> Broken,
    int Sent,
    int Acked,
    long Shown,
    int Open,
    ImmutableList<Cell> Finished,
    ImmutableDictionary<Verdict, int> Verdicts)
{
    /// <summary>From the cells so far, as if the others took as long; null before the first one is done.</summary>
    public TimeSpan? Left => Done == 0 ? null : (Elapsed - InCell) / Done * (Cells - Done) - InCell is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}

/// <summary>Collects what a run says of itself. Safe to call from any thread.</summary>
internal sealed class ProgressBoard(TimeProvider time) : ILabProgress
{
    public const int FinishedMax = 8;

    private readonly Lock _lock = new();
    private readonly long _began = time.GetTimestamp();
    private long _cellBegan = time.GetTimestamp();
    private ProgressSnapshot _state = new(0, 0, default, null, null, default, [], 0, 0, 0, 0, [], ImmutableDictionary<Verdict, int>.Empty);

    public ProgressSnapshot Snapshot()
    {
        lock (_lock)
        {
            var inCell = _state.Experiment is null ? TimeSpan.Zero : time.GetElapsedTime(_cellBegan);
            return _state with { Elapsed = time.GetElapsedTime(_began), InCell = inCell };
        }
    }

    public void Begin(int cells) => Change(state => state with { Cells = cells });

    public void CellStarted(ExperimentSummary experiment, string strategy) => Change(state =>
    {
        _cellBegan = time.GetTimestamp();
        return state with { Experiment = $"{experiment.Catalogue} {experiment.Title}", Strategy = strategy, Broken = [], Sent = 0, Acked = 0, Shown = 0, Open = 0 };
    });

    public void FaultBegan(string name) => Change(state => state with { Broken = state.Broken.Add(name) });

    public void FaultEnded(string name) => Change(state => state with { Broken = state.Broken.Remove(name) });

    public void Counts(int sent, int acked, long shown, int open) =>
        Change(state => state with { Sent = sent, Acked = acked, Shown = shown, Open = open });

    public void CellFinished(Cell cell) => Change(state => state with
    {
        Done = state.Done + 1,
        Experiment = null,
        Strategy = null,
        Broken = [],
        Finished = [cell, .. state.Finished.Take(FinishedMax - 1)],
        Verdicts = state.Verdicts.SetItem(cell.Verdict, state.Verdicts.GetValueOrDefault(cell.Verdict) + 1),
    });

    public void Done(LabReport report) => Change(state => state with { Experiment = null, Strategy = null, Broken = [] });

    private void Change(Func<ProgressSnapshot, ProgressSnapshot> change)
    {
        lock (_lock)
        {
            _state = change(_state);
        }
    }
}
