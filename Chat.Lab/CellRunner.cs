using System.Globalization;
using Chat.Lab.Checking;
using Chat.Lab.Clients;
using Chat.Lab.Cluster;
using Chat.Lab.Experiments;
using Chat.Lab.Predicting;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>Runs one experiment with one strategy: a cluster and a crowd of its own, load, fault, calm, check. Several times where that is asked for.</summary>
internal sealed class CellRunner(LabParameters parameters, Predictions predictions, ILabProgress progress)
{
    private const double TailSecondsUsual = 2;
    private const int AnomaliesMax = 20;

    /// <summary>How long it waits for what does not come.</summary>
    public Calm Calm { get; init; } = Calm.Usual;

    /// <summary>The load goes on for so long after the experiment.</summary>
    public double TailSeconds { get; init; } = TailSecondsUsual;

    /// <summary>Changes what is started: other programs, more settings.</summary>
    public Func<ClusterPlan, ClusterPlan> Change { get; init; } = plan => plan;

    /// <param name="without">Protections to take away.</param>
    public async Task<Cell> RunAsync(
        Experiment experiment, string strategy, IReadOnlyList<string> without, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        progress.CellStarted(experiment.Summary, strategy);
        var cells = new List<(int Seed, Cell Cell)>();
        for (var run = 0; run < parameters.Repeat; run++)
        {
            var seed = Seeds.Of(parameters.Seed, run);
            cells.Add((seed, await RunOnceAsync(experiment, Describe(experiment, strategy, without, seed), cancellationToken)));
        }

        var cell = Repeats.Sum(cells) with
        {
            Strategy = strategy,
            TookSeconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds,
            Command = CommandLine.For(experiment.Summary.Id, strategy, parameters, without),
            With = Circumstances(Describe(experiment, strategy, without, parameters.Seed)),
        };
        progress.CellFinished(cell);
        return cell;
    }

    private async Task<Cell> RunOnceAsync(Experiment experiment, Setting setting, CancellationToken cancellationToken)
    {
        try
        {
            var (outcome, trial) = await RunAsync(experiment, setting, cancellationToken);
            return Sum(experiment, outcome, trial);
        }
#pragma warning disable CA1031 // One cell that fails is a result, and the others go on.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return Fail(experiment, exception);
        }
    }

    private static string Circumstances(Setting setting) => string.Create(
        CultureInfo.InvariantCulture,
        $"{setting.Plan.Nodes} nodes, {setting.Load.Clients} clients, {setting.Load.MessagesPerSecond}/s, {(setting.Plan.Redis == RedisServerKind.RedisServer ? "redis-server" : "Garnet")}");

    private Setting Describe(Experiment experiment, string strategy, IReadOnlyList<string> without, int seed)
    {
        var plan = experiment.Plan(Change(new ClusterPlan
        {
            Nodes = parameters.Nodes,
            Redis = strategy == "streams" || parameters.Redis == "server" ? RedisServerKind.RedisServer : RedisServerKind.Embedded,
            Strategy = strategy,
            Without = without,
            Seed = seed,
        }));
        return new Setting(strategy, parameters with { Seed = seed }, plan, experiment.Load(parameters));
    }

    private async Task<(Outcome Outcome, Trial Trial)> RunAsync(Experiment experiment, Setting setting, CancellationToken cancellationToken)
    {
        await using var cluster = await LabCluster.StartAsync(setting.Plan, cancellationToken);
        await using var crowd = new Crowd(cluster, setting.Load, setting.Parameters)
        {
            Jitter = !setting.Plan.Without.Contains(ClusterPlan.Jitter),
            BackoffMin = TimeSpan.FromSeconds(setting.Load.BackoffSeconds),
        };
        await crowd.EnterAsync(cancellationToken);
        var trial = new Trial(experiment.Summary.Id, cluster, crowd, setting, progress);
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

        await Calm.SettleAsync(crowd, cancellationToken);
        await Calm.QuietAsync(crowd, setting.KeepsLog ? await trial.ReadLogAsync() : null, cancellationToken);
        trial.Note(CommonMeasures.RefusedForNow, crowd.Clients.Sum(client => client.RefusedForNow));
        var evidence = await GatherAsync(trial, cluster, crowd);
        return (new Outcome(setting, evidence, HistoryChecker.Check(evidence), trial.Numbers), trial);
    }

    /// <summary>Takes everything down as it is now. Then Redis is killed and read once more: stored means stored where a crash cannot reach it.</summary>
    private static async Task<Evidence> GatherAsync(Trial trial, LabCluster cluster, Crowd crowd)
    {
        ClientRecord[] records = [.. crowd.Clients.Select(client => client.Record())];
        var endedAt = crowd.Clock.Now;
        var keeps = trial.Setting.KeepsLog;
        var log = keeps ? await trial.ReadLogAsync() : null;
        if (log is not null)
        {
            await cluster.KillAndStartRedisAsync();
        }

        return new Evidence(records, keeps ? await trial.ReadLogAsync() : null, endedAt)
        {
            Faults = trial.Faults,
            Loss = trial.Loss,
            Kept = log is null ? trial.Kept : [.. trial.Kept, new KeptLog("before Redis was killed at the end", log)],
            MembersListedMax = MembersListedMax,
        };
    }

    /// <summary>As the nodes have it by default.</summary>
    private const int MembersListedMax = 200;

    private Cell Sum(Experiment experiment, Outcome outcome, Trial trial)
    {
        var ground = new Ground(outcome.Setting, outcome.Evidence);
        Measure[] measures =
        [
            .. experiment.Quantities.Select(quantity => predictions.Beside(
                experiment.Summary.Id, outcome.Setting.Strategy, new Measure(quantity.Name, quantity.Unit, quantity.Measured(outcome)), ground)),
        ];
        Promise[] promises = [.. Judgement.Of(outcome, experiment.Bounds), .. experiment.Judge(outcome)];
        return new Cell(
            experiment.Summary.Id,
            outcome.Setting.Strategy,
            Judgement.Colour(outcome.Findings.Tally, promises),
            outcome.Findings.Tally,
            measures[0],
            [.. measures.Skip(1), .. CommonMeasures.Of(outcome, measures)],
            promises,
            [.. outcome.Findings.Anomalies.Kept.Take(AnomaliesMax).Select(anomaly => anomaly.ToString())],
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
