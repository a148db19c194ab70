namespace Chat.Lab.Experiments;

/// <summary>Quantities that several experiments share.</summary>
internal static class Standard
{
    public static Quantity UnnoticedLoss(Func<Setting, Guess?> predicted) =>
        new("lost unnoticed", "%", outcome => 100 * outcome.Findings.Tally.UnnoticedRatio, predicted);

    public static Quantity Loss(Func<Setting, Guess?>? predicted = null) =>
        new("lost", "%", outcome => 100 * outcome.Findings.Tally.LossRatio, predicted);

    public static Quantity Duplicates(Func<Setting, Guess?>? predicted = null) =>
        new("shown again", "deliveries", outcome => outcome.Findings.Tally.Duplicates, predicted);

    public static Quantity Inversions(Func<Setting, Guess?>? predicted = null) =>
        new("inversions", "pairs", outcome => outcome.Findings.Tally.Inversions, predicted);

    public static Quantity AckedButLost(Func<Setting, Guess?>? predicted = null) =>
        new("acked but lost", "messages", outcome => outcome.Findings.Tally.AckedButLost, predicted);

    public static Quantity Ghosts(Func<Setting, Guess?>? predicted = null) =>
        new("longest ghost", "s", outcome => outcome.Findings.Tally.GhostSeconds, predicted);

    public static Quantity GapP99(Func<Setting, Guess?>? predicted = null) =>
        new("cut off, p99", "s", outcome => Zero(Outcome.Percentile(outcome.Findings.GapsSeconds, 0.99)), predicted);

    /// <summary>A number that the experiment notes itself.</summary>
    public static Quantity Noted(string name, string unit, Func<Setting, Guess?>? predicted = null) =>
        new(name, unit, outcome => outcome.Number(name), predicted);

    private static double Zero(double value) => double.IsNaN(value) ? 0 : value;
}
