using Chat.Lab.Results;

namespace Chat.Lab.Experiments;

/// <summary>No fault at all: two people talk, and each is on some node.</summary>
internal sealed class DirectMessage : Experiment
{
    public override ExperimentSummary Summary => new(
        "direct-message", "F01", "A direct message to someone on another node", "nothing is broken",
        "With N nodes two people share a node once in N: a map in memory loses (N − 1)/N of what they write to each other.");

    public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss];

    public override Load Load(LabParameters parameters) => new(4 * parameters.Clients, 2 * parameters.Clients, 60, Direct: true);

    public override Task RunAsync(Trial trial, CancellationToken cancellationToken) => Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
}
