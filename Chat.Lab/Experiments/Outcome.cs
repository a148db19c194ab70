using Chat.Lab.Checking;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>Everything that is known after the run.</summary>
/// <param name="Numbers">What the experiment has measured itself, by name.</param>
internal sealed record Outcome(Setting Setting, Evidence Evidence, Findings Findings, IReadOnlyDictionary<string, double> Numbers)
{
    /// <summary>What was broken from when to when.</summary>
    public IReadOnlyList<FaultSpan> Faults => Evidence.Faults;

    public double Number(string name) => Numbers.GetValueOrDefault(name, double.NaN);

    /// <param name="share">0.99 for p99.</param>
    /// <returns>NaN of nothing.</returns>
    public static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
}
