namespace Chat.Benchmarks.Balancing;

/// <summary>One event under one policy.</summary>
internal sealed record EvennessCase(string Policy, bool Shedding, string Event)
{
    public static readonly string[] Events = ["add", "restart", "kill"];

    /// <summary>In a sentence.</summary>
    public static string Describe(string name) => name switch
    {
        "add" => "a fourth node is added",
        "restart" => "all three restart, one after the other",
        _ => "one is killed and comes back",
    };
}

/// <summary>How even it was at a moment.</summary>
/// <param name="Seconds">Since the event began.</param>
/// <param name="Ratio">Of the fullest node's connections to the mean over the nodes that are there.</param>
internal readonly record struct EvennessSample(double Seconds, double Ratio);

/// <summary>What one case gave.</summary>
/// <param name="EventSeconds">When the last node was ready again.</param>
/// <param name="EventMoves">Reconnects until then.</param>
/// <param name="LaterMoves">Reconnects after it.</param>
/// <param name="Faults">Holes in the crowd's messages, and joins that did not recover.</param>
internal sealed record EvennessResult(
    EvennessCase Case, IReadOnlyList<EvennessSample> Samples, double EventSeconds, int EventMoves, int LaterMoves, int Faults, Verdict Verdict)
{
    /// <summary>What counts as even.</summary>
    public const double EvenRatio = 1.1;

    public double Worst => After.Max(sample => sample.Ratio);

    public double Final => Samples[^1].Ratio;

    /// <summary>From when all nodes were there until it was even for good; null when it never was.</summary>
    public double? SecondsToEven => Final > EvenRatio
        ? null
        : Math.Max(0, After.LastOrDefault(sample => sample.Ratio > EvenRatio) is { Ratio: > 0 } last ? last.Seconds - EventSeconds : 0);

    public bool Good => Verdict.Good && Faults == 0;

    private IEnumerable<EvennessSample> After => Samples.Where(sample => sample.Seconds >= EventSeconds);
}
