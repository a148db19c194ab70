using Chat.Lab.Experiments;
using Chat.Lab.Predicting;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>One cell after the other: two at once would disturb each other.</summary>
internal static class LabRun
{
    public static async Task<LabReport> AllAsync(RunRequest request, ILabProgress progress, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetUtcNow();
        var started = TimeProvider.System.GetTimestamp();
        var predictions = Predictions.Read();
        var runner = new CellRunner(request.Parameters, predictions, progress);
        Experiment[] experiments = [.. Catalogue.All.Where(experiment => request.Experiments.Contains(experiment.Summary.Id))];
        var cells = new List<Cell>();
        var planned = experiments.SelectMany(experiment => request.Strategies.Where(experiment.Suits).Select(strategy => (experiment, strategy))).ToArray();
        if (planned.Length == 0 && !request.Ablations)
        {
            throw new FormatException("None of these experiments is run with any of these strategies; `list` shows them.");
        }

        var ablations = request.Ablations ? Protection.All : [];
        progress.Begin(planned.Length + ablations.Count);
        foreach (var (experiment, strategy) in planned)
        {
            cells.Add(await runner.RunAsync(experiment, strategy, request.Without, cancellationToken));
        }

        var removed = new List<Ablation>();
        foreach (var protection in ablations)
        {
            var experiment = Catalogue.Named(protection.Experiment);
            var cell = await runner.RunAsync(experiment, "log", [protection.Name], cancellationToken);
            removed.Add(new Ablation(protection.Name, protection.What, protection.Experiment, [.. cell.Broken.Select(promise => promise.ToString())], cell.Tally, cell.Command, cell.Error));
        }

        var report = new LabReport(
            CommandLine.For(request, Catalogue.Names),
            startedAt,
            TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            request.Parameters,
            Versions.Read(),
            [.. experiments.Select(experiment => experiment.Summary)],
            cells,
            removed,
            predictions.Name);
        progress.Done(report);
        return report;
    }
}
