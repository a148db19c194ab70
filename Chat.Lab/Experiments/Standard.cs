namespace Chat.Lab.Experiments;

/// <summary>Quantities that several experiments share.</summary>
internal static class Standard
{
    public static Quantity UnnoticedLoss { get; } = new("lost unnoticed", "%", outcome => 100 * outcome.Findings.Tally.UnnoticedRatio);

    public static Quantity Loss { get; } = new("lost", "%", outcome => 100 * outcome.Findings.Tally.LossRatio);

    public static Quantity Duplicates { get; } = new("shown again", "deliveries", outcome => outcome.Findings.Tally.Duplicates);

    public static Quantity Inversions { get; } = new("inversions", "pairs", outcome => outcome.Findings.Tally.Inversions);

    public static Quantity AckedButLost { get; } = new("acked but lost", "messages", outcome => outcome.Findings.Tally.AckedButLost);

    public static Quantity Ghosts { get; } = new("longest ghost", "s", outcome => outcome.Findings.Tally.GhostSeconds);

    public static Quantity GapP99 { get; } = new("cut off, p99", "s", outcome => Zero(Outcome.Percentile(outcome.Findings.GapsSeconds, 0.99)));

    public static Quantity FalseLeaves { get; } = new("shown as gone and was there", "times", outcome => outcome.Findings.Presence.FalseLeaves);

    public static Quantity DeliveryP99 { get; } = new("delivery, p99", "ms", outcome => Outcome.Percentile(outcome.Findings.DelaysMs, 0.99));

    /// <summary>A number that the experiment notes itself.</summary>
    public static Quantity Noted(string name, string unit) => new(name, unit, outcome => outcome.Number(name));

    /// <summary>Nobody is without a node for longer than this.</summary>
    public static Results.Promise BackWithin(Outcome outcome, double seconds) => Results.Promise.AtMost(
        Results.PromiseKind.Leaving, "longest that somebody was cut off", Zero(Outcome.Percentile(outcome.Findings.GapsSeconds, 1)), "s", seconds);

    private static double Zero(double value) => double.IsNaN(value) ? 0 : value;
}
