using Chat.Lab.Results;

namespace Chat.Tests.Lab.Reporting;

/// <summary>A report as a whole run gives it, made up: always the same, with every verdict and names that need escaping.</summary>
internal static class SampleReport
{
    public static readonly string[] Strategies = ["local", "local-first", "pubsub", "split", "streams", "log"];

    private const double Seconds = 20;
    private const double BucketSeconds = 0.25;

    public static LabReport Make() => new(
        "dotnet run --project Chat.Lab -- run all --seed 1 --clients 60 --nodes 3",
        new DateTimeOffset(2026, 9, 14, 9, 30, 0, TimeSpan.Zero),
        2_304,
        new LabParameters(1, Seconds, 60, 3, "embedded"),
        new Dictionary<string, string>
        {
            [".NET"] = "10.0.9",
            ["Garnet"] = "2.2.8",
            ["redis-server"] = "7.0.15",
            ["commit"] = "6bf3791",
            ["machine"] = "2 cores, Linux 6.8",
        },
        [.. SampleExperiments.All.Select(sample => sample.Summary)],
        [.. SampleExperiments.All.SelectMany(sample => Strategies.Select(strategy => Cell(sample, strategy)).OfType<Cell>())],
        Ablations());

    private static Cell? Cell(SampleExperiment sample, string strategy)
    {
        var place = Array.IndexOf(Strategies, strategy);
        var outcome = sample.Outcomes.Split(' ')[place];
        if (outcome == "-")
        {
            return null;
        }

        var random = new Random(HashOf(sample.Summary.Id) + place);
        var command = $"dotnet run --project Chat.Lab -- run {sample.Summary.Id} --strategy {strategy} --seed 1 --clients 60 --nodes 3";
        if (outcome == "fail")
        {
            return new Cell(
                sample.Summary.Id, strategy, Verdict.Failed, Tally.Nothing, new Measure("lost", "%", 0), [], [], [], Timeline.Empty, 4.2, command,
                "node 2 did not start within 15 s: XREAD is unknown to the embedded server");
        }

        var (tally, told) = TallyOf(outcome, random);
        var verdict = outcome == "0" ? Verdict.Whole : told ? Verdict.Told : Verdict.Broken;
        var lost = Math.Round(tally.LossRatio * 100, 2);
        var predicted = random.Next(9) == 0 ? lost + 11 : Math.Round(lost + (random.NextDouble() * 0.6), 1);
        return new Cell(
            sample.Summary.Id,
            strategy,
            verdict,
            tally,
            new Measure("lost deliveries", "%", lost, predicted, "(nodes − 1) ÷ nodes × share of messages sent while it lasts", 2),
            [
                new Measure("delivery, p50", "ms", 1.8 + random.NextDouble()),
                new Measure("delivery, p99", "ms", 9 + (random.NextDouble() * 20), 20, "one hop through Redis on a loaded machine", 20),
                new Measure("longest gap of a client", "s", random.NextDouble() * 6, 5, "the lease, and one reconnect", 1.5),
            ],
            verdict == Verdict.Broken ? [Promise.Never(PromiseKind.NoHoles, "deliveries lost and nobody told", 3)] : [],
            verdict == Verdict.Whole ? [] : Anomalies(tally, random),
            TimelineOf(sample, tally, random),
            24 + random.NextDouble(),
            command);
    }

    /// <param name="outcome"><c>0</c>, <c>t3.1</c> (told, in %), or letters with numbers: <c>u67,a12,d4,i9,k2,g21</c>.</param>
    private static (Tally Tally, bool Told) TallyOf(string outcome, Random random)
    {
        var sent = 1_180 + random.Next(40);
        var expected = sent * 19L;
        var parts = outcome == "0" ? [] : outcome.Split(',').ToDictionary(part => part[0], part => double.Parse(part[1..], System.Globalization.CultureInfo.InvariantCulture));
        double Of(char letter) => parts.GetValueOrDefault(letter);
        var unnoticed = (long)(expected * Of('u') / 100);
        var told = (long)(expected * Of('t') / 100);
        var tally = new Tally(
            sent, sent - (int)Of('r'), (int)Of('r'), expected, unnoticed + told, unnoticed,
            (int)Of('a'), (long)Of('d'), (long)Of('i'), (long)Of('k'), Of('g'));
        return (tally, parts.Count > 0 && parts.Keys.All(letter => letter is 't' or 'r'));
    }

    private static Timeline TimelineOf(SampleExperiment sample, Tally tally, Random random)
    {
        var buckets = (int)(Seconds / BucketSeconds);
        var usual = (double)tally.Expected / buckets;
        var during = Enumerable.Range(0, buckets).Where(bucket => bucket * BucketSeconds >= sample.From && bucket * BucketSeconds < sample.To).ToArray();
        var (deliveries, late, missing) = (new int[buckets], new int[buckets], new int[buckets]);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            deliveries[bucket] = (int)(usual * (0.85 + (random.NextDouble() * 0.3)));
        }

        var concerned = tally.LossRatio > 0.3 ? Enumerable.Range(0, buckets).ToArray() : during;
        foreach (var bucket in concerned.Where(_ => concerned.Length > 0))
        {
            missing[bucket] = (int)Math.Min(deliveries[bucket], tally.Lost / concerned.Length * (0.8 + (random.NextDouble() * 0.4)));
            deliveries[bucket] -= missing[bucket];
        }

        if (tally.Lost == 0 && during.Length > 1)
        {
            var held = during.Sum(bucket => deliveries[bucket] / 2);
            Array.ForEach(during, bucket => deliveries[bucket] /= 2);
            late[Math.Min(buckets - 1, during[^1] + 1)] = held;
        }

        return new Timeline(
            BucketSeconds, deliveries, late, missing,
            [new FaultSpan(sample.From, sample.To, sample.Summary.Fault)],
            [new TimelineEvent(sample.To, "reconnected", 20), new TimelineEvent(sample.To + 0.4, "told of a loss", tally.Lost > tally.LostUnnoticed ? 20 : 1)]);
    }

    private static string[] Anomalies(Tally tally, Random random) =>
    [
        .. Enumerable.Range(0, 4).Select(_ =>
            $"lost write: user{random.Next(60)} <“{random.Next(4096):x3}”> sent at {random.NextDouble() * 20:0.000} s was never shown to user{random.Next(60)} & nobody said so"),
        .. tally.Duplicates > 0 ? new[] { $"duplicate: user{random.Next(60)} was shown one message twice" } : [],
    ];

    private static Ablation[] Ablations() =>
    [
        Without("gap-repair", "reads the log after every reconnect and now and then", "redis-cut-1", "u2.1,k18", "3 No holes, no repeats"),
        Without("epoch", "names a log, so that a shorter one is noticed", "failover-lost-writes", "u3.4", "3 No holes, no repeats", "8 Faults are visible"),
        Without("idempotency", "remembers the ids of messages", "ack-lost", "d41", "4 Retries are safe"),
        Without("canary", "sends itself a publication and waits for it", "dead-subscription", "u38", "8 Faults are visible"),
        Without("buffer-on-join", "keeps what comes while the log is read", "join-under-load", "u0.4", "3 No holes, no repeats"),
        Without("lease", "lets presence die with its node", "node-kill", "g600", "5 Presence heals"),
        Without("jitter", "spreads reconnects", "reconnect-storm", "0"),
    ];

    private static Ablation Without(string protection, string what, string experiment, string outcome, params string[] broken) => new(
        protection, what, experiment, broken, TallyOf(outcome, new Random(7)).Tally, $"dotnet run --project Chat.Lab -- run {experiment} --strategy log --without {protection}");

    private static int HashOf(string id) => id.Aggregate(17, (hash, character) => (hash * 31) + character) & 0xFFFFFF;
}
