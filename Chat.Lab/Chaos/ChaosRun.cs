using System.Globalization;
using Chat.Lab.Predicting;
using Chat.Lab.Reporting;
using Chat.Lab.Results;

namespace Chat.Lab.Chaos;

/// <param name="Seeds">One run for each.</param>
/// <param name="Faults">Only the faults at these places; null for all.</param>
/// <param name="Shrink">Whether a run that fails is run again with fewer and fewer faults.</param>
internal sealed record ChaosRequest(
    IReadOnlyList<int> Seeds, double Seconds, string Redis, IReadOnlyList<string> Without, IReadOnlyList<int>? Faults = null, bool Shrink = true);

/// <summary>Runs with faults at random, by seed; those that fail, shrunk.</summary>
internal static class ChaosRun
{
    private const int Clients = 24;
    private const int Nodes = 3;

    /// <returns>Whether every run was right.</returns>
    public static async Task<bool> AllAsync(ChaosRequest request, Action<string> say, CancellationToken cancellationToken)
    {
        var right = true;
        foreach (var seed in request.Seeds)
        {
            var plan = ChaosPlan.Of(seed, request.Seconds, Nodes);
            plan = request.Faults is { } places ? plan.Only(places) : plan;
            var cell = await RunAsync(request, plan, cancellationToken);
            say(Line(seed, cell));
            if (IsRight(cell))
            {
                continue;
            }

            right = false;
            if (request.Shrink && cell.Error is null && request.Faults is null)
            {
                await ShrinkAsync(request, plan, say, cancellationToken);
            }
        }

        return right;
    }

    private static async Task ShrinkAsync(ChaosRequest request, ChaosPlan plan, Action<string> say, CancellationToken cancellationToken)
    {
        var kept = await Shrinking.ShrinkAsync(plan.Faults.Count, async places =>
        {
            var cell = await RunAsync(request, plan.Only(places), cancellationToken);
            say($"  {places.Count} of {plan.Faults.Count} faults: {(IsRight(cell) ? "whole" : "fails")}");
            return cell.Error is null && !IsRight(cell);
        });
        foreach (var fault in plan.Only(kept).Faults)
        {
            say($"    {fault}");
        }

        say(string.Create(
            CultureInfo.InvariantCulture,
            $"  Again: dotnet run --project Chat.Lab -- chaos --seed {plan.Seed} --seconds {plan.Seconds} --redis {request.Redis} --faults {string.Join(',', kept)}{string.Concat(request.Without.Select(protection => $" --without {protection}"))}"));
    }

    private static Task<Cell> RunAsync(ChaosRequest request, ChaosPlan plan, CancellationToken cancellationToken)
    {
        var parameters = LabParameters.Usual with { Seed = plan.Seed, Redis = request.Redis, Nodes = Nodes, Clients = Clients, Seconds = plan.Seconds };
        return new CellRunner(parameters, Predictions.Nothing, new SilentView()).RunAsync(new ChaosExperiment(plan), "log", request.Without, cancellationToken);
    }

    private static bool IsRight(Cell cell) => cell.Error is null && cell.Broken.Count == 0;

    private static string Line(int seed, Cell cell) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsRight(cell) ? "ok" : "no"),-3} seed {seed}: {cell.Tally.Acked} messages acked, {cell.Measures.FirstOrDefault(measure => measure.Unit == "faults")?.Measured ?? 0:0} faults, {cell.Tally.Expected} deliveries ({Amounts.Duration(cell.TookSeconds)}){string.Concat(cell.Broken.Select(promise => $"\n      {promise}"))}{string.Concat(cell.Anomalies.Take(5).Select(anomaly => $"\n      {anomaly}"))}{(cell.Error is null ? "" : $"\n      {cell.Error}")}");
}
