using Chat.Lab.Experiments;
using Chat.Lab.Predicting;
using Chat.Lab.Results;

namespace Chat.Lab.Mutants;

/// <summary>Tests the instrument: a few seconds of load on nodes that are wrong on purpose, and on one that is not.</summary>
internal static class MutantRun
{
    public static async Task<IReadOnlyList<MutantResult>> AllAsync(MutantRequest request, ILabProgress progress, CancellationToken cancellationToken)
    {
        var parameters = LabParameters.Usual with { Seed = request.Seed, Redis = request.Redis, Nodes = 2, Clients = 12, Seconds = 2 };
        Mutant?[] mutants = [null, .. Mutant.All.Where(mutant => request.Names.Count == 0 || request.Names.Contains(mutant.Name))];
        var results = new List<MutantResult>();
        progress.Begin(mutants.Length);
        foreach (var mutant in mutants)
        {
            var name = mutant?.Name ?? Mutant.Control;
            var runner = new CellRunner(parameters, Predictions.Nothing, progress)
            {
                TailSeconds = 1,
                Calm = mutant is null ? Calm.Usual : Calm.Short,
                Change = plan => plan with { NodeProgram = "Chat.Mutants", NodeSettings = [$"Mutant={name}"], ClientLinks = false },
            };
            results.Add(new MutantResult(mutant, await runner.RunAsync(new Specimen(name), "log", [], cancellationToken)));
        }

        return results;
    }

    /// <summary>Load and nothing else: whatever is found, the nodes have done.</summary>
    private sealed class Specimen(string name) : Experiment
    {
        public override ExperimentSummary Summary => new(name, "mutant", name, "nothing is broken", "What is wrong with the nodes is found by the promise that names it.");

        public override IReadOnlyList<Quantity> Quantities => [Standard.UnnoticedLoss];

        public override Task RunAsync(Trial trial, CancellationToken cancellationToken) => Trial.FlowAsync(trial.Setting.Parameters.Seconds, cancellationToken);
    }
}

/// <param name="Names">Of the mutants; none for all.</param>
internal sealed record MutantRequest(IReadOnlyList<string> Names, int Seed, string Redis);
