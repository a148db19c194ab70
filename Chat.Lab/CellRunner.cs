using System.Globalization;
using Chat.Lab.Checking;
using Chat.Lab.Clients;
using Chat.Lab.Cluster;
using Chat.Lab.Experiments;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>Runs one experiment with one strategy: a cluster and a crowd of its own, load, fault, calm, check.</summary>
internal sealed class CellRunner(LabParameters parameters, ILabProgress progress)
{
    private const double TailSeconds = 2;
    private const double AckSeconds = 15;
    private const int AnomaliesMax = 20;

    /// <param name="without">Protections to take away.</param>
    public async Task<Cell> RunAsync(
        Experiment experiment, string strategy, IReadOnlyList<string> without, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        progress.CellStarted(experiment.Summary, strategy);
        var setting = Describe(experiment, strategy, without);
        var guesses = experiment.Quantities.Select(quantity => quantity.Predicted?.Invoke(setting)).ToArray();
        Cell cell;
        try
        {
            var (outcome, trial) = await RunAsync(experiment, setting, cancellationToken);
            cell = Sum(experiment, outcome, guesses, trial);
        }
#pragma warning disable CA1031 // One cell that fails is a result, and the others go on.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            cell = Fail(experiment, exception);
        }

        cell = cell with
        {
            Strategy = strategy,
            TookSeconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            Command = CommandLine.For(experiment.Summary.Id, strategy, parameters, without),
            With = Circumstances(setting),
        };
        progress.CellFinished(cell);
        return cell;
    }

    private static string Circumstances(Setting setting) => string.Create(
        CultureInfo.InvariantCulture,
        $"{setting.Plan.Nodes} nodes, {setting.Load.Clients} clients, {setting.Load.MessagesPerSecond}/s, {(setting.Plan.Redis == RedisServerKind.RedisServer ? "redis-server" : "Garnet")}");

    private Setting Describe(Experiment experiment, string strategy, IReadOnlyList<string> without)
    {
        var plan = experiment.Plan(new ClusterPlan
        {
            Nodes = parameters.Nodes,
            Redis = strategy == "streams" || parameters.Redis == "server" ? RedisServerKind.RedisServer : RedisServerKind.Embedded,
            Strategy = strategy,
            Without = without,
        });
        return new Setting(strategy, parameters, plan, experiment.Load(parameters));
    }

    private async Task<(Outcome Outcome, Trial Trial)> RunAsync(Experiment experiment, Setting setting, CancellationToken cancellationToken)
    {
        await using var cluster = await LabCluster.StartAsync(setting.Plan, cancellationToken);
        await using var crowd = new Crowd(cluster, setting.Load, parameters)
        {
            Jitter = !setting.Plan.Without.Contains(ClusterPlan.Jitter),
            BackoffMin = TimeSpan.FromSeconds(setting.Load.BackoffSeconds),
        };
        await crowd.EnterAsync(cancellationToken);
        var trial = new Trial(cluster, crowd, setting, progress);
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var speaking = crowd.SpeakAsync(progress, quiet.Token);
        try
        {
            await experiment.RunAsync(trial, cancellationToken);
            await cluster.HealAsync(cancellationToken);
            await Trial.FlowAsync(TailSeconds, cancellationToken);
        }
        finally
        {
            await quiet.CancelAsync();
            await speaking;
        }

        await Calm.SettleAsync(crowd, AckSeconds, cancellationToken);
        var historyAt = crowd.Clock.Now;
        var log = setting.Strategy is "log" or "streams" ? await HistoryReader.ReadAsync(cluster, crowd, cancellationToken) : null;
        await Calm.QuietAsync(crowd, log, cancellationToken);
        var evidence = new Evidence([.. crowd.Clients.Select(client => client.Record())], log, crowd.Clock.Now, historyAt);
        return (new Outcome(setting, evidence, CrowdChecker.Check(evidence), trial.Numbers, trial.Faults), trial);
    }

    private static Cell Sum(Experiment experiment, Outcome outcome, Guess?[] guesses, Trial trial)
    {
        Measure[] measures =
        [
            .. experiment.Quantities.Zip(guesses, (quantity, guess) => new Measure(
                quantity.Name, quantity.Unit, quantity.Measured(outcome), guess?.Value, guess?.Reason, guess?.Tolerance ?? 0)),
        ];
        string[] broken = [.. Judgement.Of(outcome, experiment.RedisKeepsData), .. experiment.Judge(outcome)];
        return new Cell(
            experiment.Summary.Id,
            outcome.Setting.Strategy,
            Judgement.Colour(outcome.Findings.Tally, broken),
            outcome.Findings.Tally,
            measures[0],
            [.. measures.Skip(1), .. CommonMeasures.Of(outcome, measures)],
            broken,
            [.. outcome.Findings.Anomalies.Take(AnomaliesMax)],
            TimelineMaker.Make(outcome, trial),
            TookSeconds: 0,
            Command: "");
    }

    private static Cell Fail(Experiment experiment, Exception exception) => new(
        experiment.Summary.Id,
        "",
        Verdict.Failed,
        Tally.Nothing,
        new Measure(experiment.Quantities[0].Name, experiment.Quantities[0].Unit, double.NaN),
        [],
        [],
        [],
        Timeline.Empty,
        TookSeconds: 0,
        Command: "",
        Error: exception is TimeoutException or InvalidOperationException ? exception.Message : exception.ToString());
}
