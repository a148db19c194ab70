using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

/// <summary>What a cell says, in a word, in a line and in a sentence.</summary>
internal static class CellText
{
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Whole => "whole",
        Verdict.Told => "told",
        Verdict.Broken => "broken",
        _ => "failed",
    };

    /// <summary>The share that is lost unnoticed; where that is nothing and yet something is wrong, the worst of what is.</summary>
    public static string Figure(Cell cell) => cell.Verdict switch
    {
        Verdict.Whole => cell.Runs is { } runs ? $"0 of {runs.Count}" : "0",
        Verdict.Told => "told",
        Verdict.Failed => "failed",
        _ => Wrong.In(cell.Tally) switch
        {
            [] => "broken",
            [{ Kind: WrongKind.Unnoticed } loss, ..] => loss.Amount + Range(cell),
            [var worst, ..] => $"{worst.Amount} {worst.Words}",
        },
    };

    /// <summary>In how many of several runs something was wrong; null of one run, and where it was in all.</summary>
    public static string? Seldom(Cell cell) => cell.Runs is { } runs && runs.Count(run => run.Verdict == Verdict.Broken) is var broken && broken > 0 && broken < runs.Count
        ? $"in {broken} of {runs.Count}"
        : null;

    /// <summary>What came least and most over several runs; nothing of one run.</summary>
    public static string Range(Measure measure) => measure.Spread is { Runs: > 1 } spread
        ? $" ({Amounts.Quantity(spread.Least, "").Trim()}–{Amounts.Quantity(spread.Most, "").Trim()}, {spread.Above} of {spread.Runs} above 0)"
        : "";

    private static string Range(Cell cell) => cell.Headline is { Unit: "%", Spread: { Runs: > 1 } spread }
        ? $" ({Amounts.Quantity(spread.Least, "").Trim()}–{Amounts.Quantity(spread.Most, "").Trim()})"
        : "";

    /// <summary>The share that is lost and told; null where that is nothing.</summary>
    public static string? Told(Cell cell) => cell.Verdict != Verdict.Failed && cell.Tally.Lost > cell.Tally.LostUnnoticed
        ? Amounts.Share(Ratio(cell.Tally.Lost - cell.Tally.LostUnnoticed, cell.Tally.Expected))
        : null;

    /// <summary>What is to be said beside the figure.</summary>
    public static IReadOnlyList<Wrong> Marks(Cell cell) => cell.Verdict switch
    {
        Verdict.Failed => [],
        Verdict.Broken => [.. Wrong.In(cell.Tally).Skip(1)],
        _ => Wrong.In(cell.Tally),
    };

    /// <summary>Everything that went wrong, in one line: <c>67 % lost unnoticed, 12 doubled</c>.</summary>
    public static string Line(Cell cell)
    {
        if (cell.Verdict == Verdict.Failed)
        {
            return cell.Error ?? "the run failed";
        }

        var parts = Wrong.In(cell.Tally).Select(wrong => $"{wrong.Amount} {wrong.Words}");
        var line = string.Join(", ", Told(cell) is { } told ? parts.Append($"{told} lost and told") : parts);
        return line.Length > 0 ? line : cell.Verdict == Verdict.Whole ? "nothing lost, doubled or swapped" : string.Join(", ", cell.Broken);
    }

    public static string Sentence(Cell cell)
    {
        var tally = cell.Tally;
        var expected = Amounts.Count(tally.Expected);
        return cell.Verdict switch
        {
            Verdict.Whole => tally.Expected == 0
                ? "Nothing went wrong."
                : $"All {expected} deliveries were shown, once and in order.",
            Verdict.Told when tally.Lost == 0 => $"{Amounts.Count(tally.AckedButLost)} messages that were acked are lost for good, and everybody concerned was told.",
            Verdict.Told => $"{Amounts.Count(tally.Lost)} of {expected} deliveries ({Amounts.Share(tally.LossRatio)}) are lost for good, "
                + "and everybody concerned was told.",
            Verdict.Failed => $"The run did not reach its end: {cell.Error ?? "no reason is known"}",
            _ when tally.LostUnnoticed > 0 => $"{Amounts.Count(tally.LostUnnoticed)} of {expected} deliveries "
                + $"({Amounts.Share(tally.UnnoticedRatio)}) were lost, and nobody was told.",
            _ => $"Something is wrong, and nobody was told: {Line(cell)}.",
        };
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
