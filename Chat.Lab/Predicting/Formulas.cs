using Chat.Lab.Results;

namespace Chat.Lab.Predicting;

/// <summary>The formulas that predictions may name.</summary>
internal static class Formulas
{
    private const double BucketSeconds = 0.1;
    private const int Draws = 2000;

    private static readonly Dictionary<string, Func<Prediction, Ground, double>> All = new()
    {
        // A number, whatever happens.
        ["constant"] = (prediction, _) => prediction.Value,

        // The share of deliveries, in percent, that go from one node to another.
        ["elsewhere"] = (_, ground) => Share(ground, (_, from, to) => from != to),

        // … of those to a node that something is done to, from another, for as long as it is done.
        ["to the cut"] = (prediction, ground) => Share(ground, (at, from, to) => At(prediction, ground, at) is { } fault && Is(fault, to) && !Is(fault, from)),

        // … of those to it or from it.
        ["across the cut"] = (prediction, ground) => Share(ground, (at, from, to) => At(prediction, ground, at) is { } fault && Is(fault, to) != Is(fault, from)),

        // … of those from one node to another, for as long as it is done.
        ["elsewhere, meanwhile"] = (prediction, ground) => Share(ground, (at, from, to) => At(prediction, ground, at) is not null && from != to),

        // … of all those to it, from then on for ever.
        ["to the deaf"] = (_, ground) => Share(ground, (at, _, to) => Since(ground, at) is { } fault && Is(fault, to)),

        // … of those to it from another, from then on for ever.
        ["to the deaf, from elsewhere"] = (_, ground) => Share(ground, (at, from, to) => Since(ground, at) is { } fault && Is(fault, to) && !Is(fault, from)),

        // Messages acked from the beginning of the first fault to the beginning of the last.
        ["acked meanwhile"] = (_, ground) => ground.Acked.Count(sent => sent.Message.AckedAt >= ground.Faults.Min(fault => fault.From) && sent.Message.AckedAt <= ground.Faults.Max(fault => fault.From)),

        // Each fault makes one message be sent twice: every member is shown it again.
        ["shown again to all"] = (_, ground) => ground.Faults.Sum(fault => ground.MembersWith(fault.Concerns![0])),

        // One in N of those that come back lands where it was.
        ["lands elsewhere"] = (_, ground) => ground.Faults.Count * (ground.Setting.Plan.Nodes - 1.0) / ground.Setting.Plan.Nodes,

        // The largest share of the connections lost that is back within a tenth of a second, if each comes at a random moment of the first backoff.
        ["peak of returns"] = (_, ground) => Peak(ground),

        // Neighbours in a room whose writers' clocks run backwards: the first node is ahead of all, the second behind all.
        ["clocks backwards"] = (_, ground) => Backwards(ground),
    };

    public static IReadOnlyCollection<string> Names => All.Keys;

    public static double Compute(Prediction prediction, Ground ground) => All[prediction.Formula](prediction, ground);

    private static double Share(Ground ground, Func<double, string?, string?, bool> lost)
    {
        var (due, gone) = (0L, 0L);
        foreach (var (at, from, to) in ground.Due())
        {
            due++;
            gone += lost(at, from, to) ? 1 : 0;
        }

        return due == 0 ? 0 : 100.0 * gone / due;
    }

    private static FaultSpan? At(Prediction prediction, Ground ground, double at) =>
        ground.Faults.FirstOrDefault(fault => fault.From <= at && at <= fault.To + prediction.Seconds);

    private static FaultSpan? Since(Ground ground, double at) => ground.Faults.FirstOrDefault(fault => fault.From <= at);

    private static bool Is(FaultSpan fault, string? node) => node is not null && fault.Touches(node);

    private static double Peak(Ground ground)
    {
        var fault = ground.Faults[0];
        var count = ground.CountOn(fault.Concerns![0], fault.From);
        var random = Seeds.For(0, "peak of returns");
        var backoff = ground.Setting.Load.BackoffSeconds;
        return count == 0 ? 0 : Enumerable.Range(0, Draws).Average(_ =>
        {
            double[] returns = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() * backoff).Order()];
            var (most, first) = (0, 0);
            for (var last = 0; last < count; last++)
            {
                while (returns[last] - returns[first] >= BucketSeconds)
                {
                    first++;
                }

                most = Math.Max(most, last - first + 1);
            }

            return 100.0 * most / count;
        });
    }

    private static double Backwards(Ground ground)
    {
        var (pairs, backwards) = (0.0, 0.0);
        foreach (var room in ground.Acked.GroupBy(sent => sent.Message.Room))
        {
            var count = room.Count();
            var byNode = room.CountBy(sent => sent.Node ?? "").ToDictionary(node => node.Key, node => (double)node.Value / count);
            var (ahead, behind) = (byNode.GetValueOrDefault("n1"), byNode.GetValueOrDefault("n2"));
            var others = 1 - ahead - behind;
            pairs += count;
            backwards += count * ((ahead * (behind + others)) + (others * behind));
        }

        return pairs == 0 ? 0 : 100 * backwards / pairs;
    }
}
