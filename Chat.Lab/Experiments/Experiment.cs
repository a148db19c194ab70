using Chat.Lab.Cluster;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>One fault under load: how it is done, and what is measured. What is expected of it stands in the predictions.</summary>
internal abstract class Experiment
{
    public abstract ExperimentSummary Summary { get; }

    /// <summary>What is measured; the first one is what the experiment is about.</summary>
    public abstract IReadOnlyList<Quantity> Quantities { get; }

    /// <summary>What holds here of the promises that hold everywhere.</summary>
    public virtual Bounds Bounds => Bounds.Usual;

    /// <summary>False where the strategy has nothing to do with what is measured.</summary>
    public virtual bool Suits(string strategy) => true;

    public virtual ClusterPlan Plan(ClusterPlan plan) => plan;

    public virtual Load Load(LabParameters parameters) => Experiments.Load.Of(parameters);

    /// <summary>Breaks things and mends them, while the load flows. The load goes on until this returns.</summary>
    public abstract Task RunAsync(Trial trial, CancellationToken cancellationToken);

    /// <summary>Promises of its own.</summary>
    public virtual IEnumerable<Promise> Judge(Outcome outcome) => [];
}

/// <summary>How late things may be. Said once, and not fitted to what was measured.</summary>
/// <param name="GhostSeconds">How long somebody may be shown who has gone: one lease.</param>
/// <param name="OutsideP99Ms">From send to shown, and from send to ack, where no fault is or has just been.</param>
/// <param name="AfterSeconds">From send to shown, at most, of what was sent after the last fault.</param>
internal sealed record Bounds(double GhostSeconds, double OutsideP99Ms, double AfterSeconds)
{
    /// <summary>What noting, polling and a busy machine may add to any time in seconds.</summary>
    public const double SlackSeconds = 1;

    public static Bounds Usual { get; } = new(GhostSeconds: 5, OutsideP99Ms: 1000, AfterSeconds: 5);
}

/// <summary>Something that is measured.</summary>
/// <param name="Unit">As in <see cref="Measure.Unit"/>.</param>
internal sealed record Quantity(string Name, string Unit, Func<Outcome, double> Measured);

/// <summary>Everything that is known before the run.</summary>
internal sealed record Setting(string Strategy, LabParameters Parameters, ClusterPlan Plan, Load Load)
{
    /// <summary>Redis holds every message that was acked.</summary>
    public bool KeepsLog => Strategy is "log" or "streams";
}
