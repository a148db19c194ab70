using Chat.Lab.Cluster;
using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>One fault under load: what is expected of it, how it is done, and what is measured.</summary>
internal abstract class Experiment
{
    public abstract ExperimentSummary Summary { get; }

    /// <summary>What is measured; the first one is what the experiment is about.</summary>
    public abstract IReadOnlyList<Quantity> Quantities { get; }

    /// <summary>Redis loses writes in it: then what is lost may be lost, as long as everybody concerned is told.</summary>
    public virtual bool RedisKeepsData => true;

    /// <summary>False where the strategy has nothing to do with what is measured.</summary>
    public virtual bool Suits(string strategy) => true;

    public virtual ClusterPlan Plan(ClusterPlan plan) => plan;

    public virtual Load Load(LabParameters parameters) => Experiments.Load.Of(parameters);

    /// <summary>Breaks things and mends them, while the load flows. The load goes on until this returns.</summary>
    public abstract Task RunAsync(Trial trial, CancellationToken cancellationToken);

    /// <summary>Promises of its own that did not hold.</summary>
    public virtual IEnumerable<string> Judge(Outcome outcome) => [];
}

/// <summary>Something that is measured, and what it will be.</summary>
/// <param name="Unit">As in <see cref="Measure.Unit"/>.</param>
/// <param name="Predicted">Asked before the run; null, or a null answer, where nothing is predicted.</param>
internal sealed record Quantity(string Name, string Unit, Func<Outcome, double> Measured, Func<Setting, Guess?>? Predicted = null);

/// <param name="Tolerance">How far off still counts as predicted, in the same unit.</param>
/// <param name="Reason">The formula in words.</param>
internal sealed record Guess(double Value, double Tolerance, string Reason);

/// <summary>Everything that is known before the run.</summary>
internal sealed record Setting(string Strategy, LabParameters Parameters, ClusterPlan Plan, Load Load);
