using Chat.Lab.Checking;
using Chat.Lab.Experiments;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>What every cell tells, whatever its experiment is about.</summary>
internal static class CommonMeasures
{
    /// <summary>What the crowd counts itself: sends that a node could not store, and that came again.</summary>
    public const string RefusedForNow = "refused for now";

    /// <param name="given">Measures that the cell has already.</param>
    public static IEnumerable<Measure> Of(Outcome outcome, IReadOnlyCollection<Measure> given)
    {
        var findings = outcome.Findings;
        Measure[] all =
        [
            new("delivery, p50", "ms", Outcome.Percentile(findings.DelaysMs, 0.5)),
            new("delivery, p99", "ms", Outcome.Percentile(findings.DelaysMs, 0.99)),
            new("delivery, p99.9", "ms", Outcome.Percentile(findings.DelaysMs, 0.999)),
            new("cut off, p50", "s", Outcome.Percentile(findings.GapsSeconds, 0.5)),
            new("cut off, p99", "s", Outcome.Percentile(findings.GapsSeconds, 0.99)),
            new("cut off, times", "clients", findings.GapsSeconds.Count),
            new("shown as gone and was there", "times", findings.Presence.FalseLeaves),
            new("connections max/mean", "×", Evenness(outcome)),
            new("holes on the wire", "times", findings.Count(AnomalyKind.WireHole)),
            new("repeats on the wire", "times", findings.Count(AnomalyKind.WireRepeat)),
            new("refused for now", "times", outcome.Number(RefusedForNow)),
        ];
        return all.Where(measure => !double.IsNaN(measure.Measured) && given.All(other => other.Name != measure.Name));
    }

    /// <summary>Of the clients at the end, over the nodes that have any or should have.</summary>
    private static double Evenness(Outcome outcome)
    {
        var nodes = outcome.Evidence.Clients.Where(client => client.Present)
            .Select(client => client.Statuses.LastOrDefault(status => status.Node is not null)?.Node).OfType<string>()
            .CountBy(node => node).Select(count => count.Value).ToArray();
        var count = Math.Max(nodes.Length, (int)outcome.Numbers.GetValueOrDefault("nodes at the end", outcome.Setting.Plan.Nodes));
        return nodes.Length == 0 ? double.NaN : nodes.Max() / ((double)nodes.Sum() / count);
    }
}
