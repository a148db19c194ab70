using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>One cell out of several runs of it: medians, what came least and most, and in how many runs a promise did not hold.</summary>
internal static class Repeats
{
    public static Cell Sum(IReadOnlyList<(int Seed, Cell Cell)> runs)
    {
        if (runs.Count == 1)
        {
            return runs[0].Cell;
        }

        Cell[] ended = [.. runs.Select(run => run.Cell).Where(cell => cell.Verdict != Verdict.Failed)];
        RunRecord[] records = [.. runs.Select(run => new RunRecord(run.Seed, run.Cell.Verdict, run.Cell.Headline.Measured))];
        if (ended.Length < runs.Count)
        {
            // A run that was not one is no zero: the whole cell says so.
            var failed = runs.First(run => run.Cell.Verdict == Verdict.Failed).Cell;
            return failed with { Runs = records, Error = $"{runs.Count - ended.Length} of {runs.Count} runs failed; the first: {failed.Error}" };
        }

        var worst = ended.MaxBy(cell => cell.Verdict)!;
        return worst with
        {
            Tally = Sum([.. ended.Select(cell => cell.Tally)]),
            Headline = Over([.. ended.Select(cell => cell.Headline)]),
            Measures = [.. ended.SelectMany(cell => cell.Measures).GroupBy(measure => measure.Name).Select(group => Over([.. group]))],
            Promises = [.. ended.SelectMany(cell => cell.Promises).GroupBy(promise => (promise.Kind, promise.What, promise.AtLeast)).Select(group => Promise.Over([.. group]))],
            Runs = records,
        };
    }

    public static Measure Over(IReadOnlyList<Measure> runs)
    {
        double[] measured = [.. runs.Select(run => run.Measured).Where(value => !double.IsNaN(value))];
        if (measured.Length == 0)
        {
            return runs[0];
        }

        return runs[0] with
        {
            Measured = Median(measured),
            Predicted = runs.All(run => run.Predicted is not null) ? Median([.. runs.Select(run => run.Predicted!.Value)]) : null,
            Spread = new Spread(measured.Min(), measured.Max(), measured.Count(value => value != 0), measured.Length),
        };
    }

    public static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static Tally Sum(Tally[] tallies) => new(
        tallies.Sum(tally => tally.Sent),
        tallies.Sum(tally => tally.Acked),
        tallies.Sum(tally => tally.Refused),
        tallies.Sum(tally => tally.Expected),
        tallies.Sum(tally => tally.Lost),
        tallies.Sum(tally => tally.LostUnnoticed),
        tallies.Sum(tally => tally.AckedButLost),
        tallies.Sum(tally => tally.Duplicates),
        tallies.Sum(tally => tally.Inversions),
        tallies.Sum(tally => tally.Skips),
        tallies.Max(tally => tally.GhostSeconds),
        tallies.Sum(tally => tally.OwnLost));
}
