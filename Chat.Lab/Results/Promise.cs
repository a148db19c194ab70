using System.Globalization;

namespace Chat.Lab.Results;

/// <summary>What the system promises, whatever is done to it.</summary>
internal enum PromiseKind
{
    /// <summary>What is sent is acked, nobody is left outside, and there was something to look at.</summary>
    Liveness,

    /// <summary>Acked means stored as it was sent, refused means not stored, and what is stored stays.</summary>
    AckedMeansStored,

    OneOrder,

    NoHoles,

    NoRepeats,

    /// <summary>One id is stored once.</summary>
    RetriesAreSafe,

    /// <summary>Nobody is shown what was written in another room.</summary>
    RoomsAreApart,

    /// <summary>What was missed comes after a reconnect, as long as Redis has it.</summary>
    Recovery,

    /// <summary>Who has gone is not shown, who is there is.</summary>
    Presence,

    /// <summary>Who concerns a loss, or a node cut off, is told.</summary>
    FaultsAreTold,

    /// <summary>Nobody is told of a fault that is none.</summary>
    NoFalseAlarm,

    /// <summary>Messages and acks come in time, outside a fault and after it.</summary>
    Latency,

    /// <summary>A slow reader harms only itself.</summary>
    Bounded,

    /// <summary>A node can leave, or die: its clients are elsewhere in time.</summary>
    Leaving,

    /// <summary>Rates and lifetimes are what they are said to be.</summary>
    Limits,
}

/// <summary>One promise as it was judged: what was measured, what it may be, and how often it was more.</summary>
/// <param name="What">What was measured: <c>acked messages that are not in the log</c>.</param>
/// <param name="Measured">The worst of all runs.</param>
/// <param name="AtLeast">The bound is the least, not the most.</param>
/// <param name="Misses">In how many runs it did not hold.</param>
internal sealed record Promise(PromiseKind Kind, string What, double Measured, string Unit, double Bound, bool AtLeast, int Misses, int Runs = 1)
{
    public bool Holds => Misses == 0;

    public static Promise AtMost(PromiseKind kind, string what, double measured, string unit, double bound) =>
        new(kind, what, measured, unit, bound, AtLeast: false, measured <= bound ? 0 : 1);

    public static Promise Reaches(PromiseKind kind, string what, double measured, string unit, double bound) =>
        new(kind, what, measured, unit, bound, AtLeast: true, measured >= bound ? 0 : 1);

    /// <summary>Something that must not happen at all.</summary>
    public static Promise Never(PromiseKind kind, string what, double times) => AtMost(kind, what, times, "times", 0);

    /// <summary>The same promise over several runs.</summary>
    public static Promise Over(IReadOnlyCollection<Promise> runs)
    {
        var worst = runs.MaxBy(run => double.IsNaN(run.Measured) ? double.PositiveInfinity : run.AtLeast ? -run.Measured : run.Measured)!;
        return worst with { Misses = runs.Sum(run => run.Misses), Runs = runs.Sum(run => run.Runs) };
    }

    public override string ToString()
    {
        var seen = Runs > 1 ? $", in {Misses} of {Runs} runs" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Words(Kind)}: {What}: {Measured:0.##} {Unit}, {(AtLeast ? "at least" : "at most")} {Bound:0.##}{seen}");
    }

    /// <summary>The promise in a few words.</summary>
    public static string Words(PromiseKind kind) => kind switch
    {
        PromiseKind.Liveness => "what is sent is acked",
        PromiseKind.AckedMeansStored => "acked means stored",
        PromiseKind.OneOrder => "one order",
        PromiseKind.NoHoles => "no holes",
        PromiseKind.NoRepeats => "no repeats",
        PromiseKind.RetriesAreSafe => "retries are safe",
        PromiseKind.RoomsAreApart => "rooms are apart",
        PromiseKind.Recovery => "everything comes after a reconnect",
        PromiseKind.Presence => "presence is true",
        PromiseKind.FaultsAreTold => "faults are visible",
        PromiseKind.NoFalseAlarm => "only faults are told",
        PromiseKind.Latency => "in time",
        PromiseKind.Bounded => "a slow reader harms only itself",
        PromiseKind.Leaving => "a node can leave",
        _ => "limits are what they say",
    };
}
