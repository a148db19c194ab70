namespace Chat.Lab.Results;

/// <summary>Everything one run of the lab has found: written as JSON, and drawn from it as HTML and Markdown.</summary>
/// <param name="Command">Repeats it.</param>
/// <param name="Versions">Of the programs and of the machine, by name.</param>
/// <param name="Predictions">Which predictions the run was held against: their version and date.</param>
/// <param name="Ablations">What happened with one protection of <c>log</c> taken away; empty unless that was asked for.</param>
internal sealed record LabReport(
    string Command,
    DateTimeOffset StartedAt,
    double TookSeconds,
    LabParameters Parameters,
    IReadOnlyDictionary<string, string> Versions,
    IReadOnlyList<ExperimentSummary> Experiments,
    IReadOnlyList<Cell> Cells,
    IReadOnlyList<Ablation> Ablations,
    string Predictions = "");

/// <summary>What a run was told, or took by default.</summary>
/// <param name="Redis"><c>embedded</c> or <c>server</c>.</param>
/// <param name="Seconds">Of load in each cell, unless the fault needs longer.</param>
/// <param name="Repeat">How often each cell is run, with seeds that follow from the first.</param>
internal sealed record LabParameters(int Seed, double Seconds, int Clients, int Nodes, string Redis, int Repeat = 1)
{
    /// <summary>What is meant where nothing is said.</summary>
    public static LabParameters Usual { get; } = new(Seed: 1, Seconds: 8, Clients: 24, Nodes: 3, Redis: "embedded");
}

/// <summary>One row of the matrix.</summary>
/// <param name="Catalogue">Its number in the catalogue of failures: <c>F01</c>.</param>
/// <param name="Fault">What is done, in a few words: <c>node SIGKILL</c>.</param>
/// <param name="Hypothesis">One sentence, written before the run.</param>
internal sealed record ExperimentSummary(string Id, string Catalogue, string Title, string Fault, string Hypothesis);

/// <summary>One experiment with one strategy.</summary>
/// <param name="Headline">The number that the experiment is about, beside its prediction.</param>
/// <param name="Measures">Everything else that was measured, headline excluded.</param>
/// <param name="Promises">All that were judged, whether they held or not.</param>
/// <param name="Anomalies">The first of what the checker found, in words.</param>
/// <param name="Error">Why it could not be run to its end; null when it was.</param>
/// <param name="Command">Repeats this cell alone.</param>
/// <param name="Runs">Each of them, where it was run more than once.</param>
/// <param name="With">How many nodes and clients, how much load, which Redis.</param>
internal sealed record Cell(
    string Experiment,
    string Strategy,
    Verdict Verdict,
    Tally Tally,
    Measure Headline,
    IReadOnlyList<Measure> Measures,
    IReadOnlyList<Promise> Promises,
    IReadOnlyList<string> Anomalies,
    Timeline Timeline,
    double TookSeconds,
    string Command,
    string? Error = null,
    string With = "",
    IReadOnlyList<RunRecord>? Runs = null)
{
    /// <summary>Promises that did not hold: empty for a cell that is whole.</summary>
    public IReadOnlyList<Promise> Broken => [.. Promises.Where(promise => !promise.Holds)];
}

/// <summary>One of several runs of a cell.</summary>
/// <param name="Headline">What was measured of what the experiment is about; NaN of a run that failed.</param>
internal sealed record RunRecord(int Seed, Verdict Verdict, double Headline);

/// <summary>The colour of a cell.</summary>
internal enum Verdict
{
    /// <summary>Nothing lost, doubled, out of order or left behind.</summary>
    Whole,

    /// <summary>Something is lost for good, and everybody concerned was told.</summary>
    Told,

    /// <summary>Something is wrong and nobody was told.</summary>
    Broken,

    /// <summary>The run itself failed.</summary>
    Failed,
}

/// <summary>What the checker has counted over all clients and rooms. A delivery is one message to one member who was there, its writer apart.</summary>
/// <param name="Expected">Deliveries that there should have been.</param>
/// <param name="Lost">Of those, how many were never shown.</param>
/// <param name="LostUnnoticed">Of the lost, how many the client was told nothing of.</param>
/// <param name="AckedButLost">Messages, acked, that are nowhere: not in the history, and shown to nobody else.</param>
/// <param name="Duplicates">Deliveries shown again.</param>
/// <param name="Inversions">Pairs of neighbouring messages that one receiver saw the other way round than another one.</param>
/// <param name="Skips">Times that a client's offsets jumped without a word.</param>
/// <param name="Refused">Sends that were refused, or still open at the end.</param>
/// <param name="GhostSeconds">The longest that someone who had gone was still shown as present.</param>
/// <param name="OwnLost">Acked messages that their own writer was never shown, and told nothing of.</param>
internal sealed record Tally(
    int Sent,
    int Acked,
    int Refused,
    long Expected,
    long Lost,
    long LostUnnoticed,
    int AckedButLost,
    long Duplicates,
    long Inversions,
    long Skips,
    double GhostSeconds,
    int OwnLost = 0)
{
    public static readonly Tally Nothing = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>0 to 1.</summary>
    public double LossRatio => Expected == 0 ? 0 : (double)Lost / Expected;

    /// <summary>0 to 1.</summary>
    public double UnnoticedRatio => Expected == 0 ? 0 : (double)LostUnnoticed / Expected;
}

/// <summary>One number, beside what it was said to be.</summary>
/// <param name="Unit"><c>%</c>, <c>s</c>, <c>ms</c>, <c>×</c>, <c>messages</c>, <c>clients</c>, <c>/s</c>, <c>pairs</c>.</param>
/// <param name="Predicted">By the file that was there before the run; where it names a formula, from who was where and wrote when. Null where nothing was predicted.</param>
/// <param name="Reason">How the prediction came about, as a formula in words.</param>
/// <param name="Tolerance">How far off, in the same unit, still counts as predicted.</param>
/// <param name="Spread">Over several runs, of which <paramref name="Measured"/> is the median, and <paramref name="Predicted"/> too.</param>
internal sealed record Measure(
    string Name, string Unit, double Measured, double? Predicted = null, string? Reason = null, double Tolerance = 0, Spread? Spread = null)
{
    public bool AsPredicted => Predicted is not { } predicted || Math.Abs(Measured - predicted) <= Tolerance;
}

/// <param name="Above">In how many runs it was not 0.</param>
internal sealed record Spread(double Least, double Most, int Above, int Runs);

/// <summary>Times are seconds after the start of the load.</summary>
/// <param name="BucketSeconds">Width of one entry of the series.</param>
/// <param name="Deliveries">Live deliveries in each bucket, over all clients: shown as they were sent, within a second.</param>
/// <param name="Late">Deliveries in each bucket that came more than a second after they were sent: recovered ones.</param>
/// <param name="Missing">Lost deliveries in each bucket, by when they were sent.</param>
/// <param name="Faults">What was broken from when to when.</param>
/// <param name="Events">What else happened: clients told of a loss, a reset, a reconnect.</param>
internal sealed record Timeline(
    double BucketSeconds,
    IReadOnlyList<int> Deliveries,
    IReadOnlyList<int> Late,
    IReadOnlyList<int> Missing,
    IReadOnlyList<FaultSpan> Faults,
    IReadOnlyList<TimelineEvent> Events)
{
    public static readonly Timeline Empty = new(0.25, [], [], [], [], []);
}

/// <param name="Concerns">Ids of nodes, and users, that it was done to; null when it concerns all.</param>
internal sealed record FaultSpan(double From, double To, string Name, IReadOnlyList<string>? Concerns = null)
{
    public bool Touches(string nodeOrUser) => Concerns is null || Concerns.Contains(nodeOrUser);
}

/// <param name="Count">How many clients it happened to at that moment.</param>
internal sealed record TimelineEvent(double At, string Name, int Count = 1);

/// <summary>The <c>log</c> strategy with one of its protections taken away, in the experiment that needs it.</summary>
/// <param name="Protection">As the switch is named: <c>gap-repair</c>.</param>
/// <param name="Broken">What no longer held; empty would mean that the protection is not needed.</param>
/// <param name="Error">Why it could not be run to its end; null when it was.</param>
internal sealed record Ablation(
    string Protection, string What, string Experiment, IReadOnlyList<string> Broken, Tally Tally, string Command, string? Error = null)
{
    /// <summary>The run has reached its end, and something broke.</summary>
    public bool ShowsNeed => Error is null && Broken.Count > 0;
}
