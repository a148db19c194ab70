using System.CommandLine;
using System.Globalization;
using Chat.Lab.Chaos;
using Chat.Lab.Mutants;
using Chat.Lab.Processes;
using Chat.Lab.Reporting;
using Chat.Lab.Results;
using Spectre.Console;

namespace Chat.Lab;

/// <summary>Runs all cells of a request and says on the way how it goes.</summary>
internal delegate Task<LabReport> RunLab(RunRequest request, ILabProgress progress, CancellationToken cancellationToken);

/// <summary>Runs mutants of the product, and the control.</summary>
internal delegate Task<IReadOnlyList<MutantResult>> RunMutants(MutantRequest request, ILabProgress progress, CancellationToken cancellationToken);

/// <summary>Runs with faults at random.</summary>
/// <param name="say">Told line by line how it goes.</param>
/// <returns>Whether every run was right.</returns>
internal delegate Task<bool> RunChaos(ChaosRequest request, Action<string> say, CancellationToken cancellationToken);

/// <summary>What the lab can be told on its command line.</summary>
internal sealed class LabCommands(LabCatalogue catalogue, RunLab run, RunMutants runMutants, RunChaos runChaos, IAnsiConsole console)
{
    /// <summary>What the operating system is told.</summary>
    public const int Ok = 0;
    public const int PromiseBroken = 1;
    public const int BadUsage = 2;
    public const int CellFailed = 3;
    public const int Stopped = 130;

    /// <summary>Nodes, Redis and the balancer have so long to go after Ctrl+C.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    public async Task<int> InvokeAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Breaks a chat of many nodes on purpose, and counts what is lost.") { List(), Run(), Chaos(), Mutants(), Report() };
        var parsed = root.Parse(arguments);
        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = StopTimeout,
                Output = console.Profile.Out.Writer,
            };
            var code = await parsed.InvokeAsync(configuration, cancellationToken);
            return parsed.Errors.Count > 0 ? BadUsage : code;
        }
        catch (FormatException refused)
        {
            console.MarkupLineInterpolated($"[red]{refused.Message}[/]");
            return BadUsage;
        }
        catch (OperationCanceledException)
        {
            console.MarkupLine("[yellow]Stopped.[/]");
            return Stopped;
        }
    }

    private Command List()
    {
        var command = new Command("list", "Shows the experiments.");
        command.SetAction(_ =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("id", "catalogue", "title", "what is done");
            foreach (var experiment in catalogue.Experiments)
            {
                table.AddRow(new Text(experiment.Id), new Text(experiment.Catalogue), new Text(experiment.Title), new Text(experiment.Fault));
            }

            console.Write(table);
            console.MarkupLineInterpolated($"strategies: {string.Join(", ", catalogue.Strategies)}");
            console.MarkupLineInterpolated($"protections of log, for --without: {string.Join(", ", catalogue.Protections)}");
            return Ok;
        });
        return command;
    }

    private Command Run()
    {
        var options = new RunOptions(catalogue);
        var command = new Command("run", "Runs experiments and writes a report. Ends with 1 if --guard finds a promise broken, with 3 if a cell could not be run.");
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(options.Read(parsed), parsed.GetRequiredValue(options.Out), parsed.GetValue(options.Guard), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(RunRequest request, string folder, bool guard, CancellationToken cancellationToken)
    {
        var live = console.Profile.Capabilities is { Interactive: true, Ansi: true };
        var report = live
            ? await LiveView.RunAsync(console, TimeProvider.System, progress => run(request, progress, cancellationToken))
            : await run(request, new PlainView(console.Profile.Out.Writer), cancellationToken);
        var page = await ReportFiles.WriteAsync(report, folder, cancellationToken);
        console.Write(TerminalMatrix.Draw(report));
        console.MarkupLineInterpolated($"{page}");
        string[] failed =
        [
            .. report.Cells.Where(cell => cell.Verdict == Verdict.Failed).Select(cell => $"{cell.Experiment} {cell.Strategy}: {cell.Error}"),
            .. report.Ablations.Where(ablation => ablation.Error is not null).Select(ablation => $"without {ablation.Protection}: {ablation.Error}"),
        ];
        string[] broken = guard ? [.. Broken(report)] : [];
        foreach (var line in failed.Concat(broken))
        {
            console.MarkupLineInterpolated($"[red]{line}[/]");
        }

        return broken.Length > 0 ? PromiseBroken : failed.Length > 0 ? CellFailed : Ok;
    }

    private Command Chaos()
    {
        var seeds = new Option<int[]>("--seed") { Description = "One run for each; one that is drawn and printed where none is given.", AllowMultipleArgumentsPerToken = true };
        var count = new Option<int>("--fresh") { Description = "And so many runs with seeds that are drawn and printed." };
        var seconds = new Option<double>("--seconds") { Description = "Of load and faults in each run.", DefaultValueFactory = _ => 20 };
        var faults = new Option<string?>("--faults") { Description = "Only these of the faults, by number: 0,4,7." };
        var redis = new Option<string>("--redis") { Description = "embedded or server.", DefaultValueFactory = _ => "server" };
        redis.AcceptOnlyFromAmong("embedded", "server");
        var without = new Option<string[]>("--without") { Description = "Takes a protection away from log, to see it missed." };
        without.AcceptOnlyFromAmong([.. catalogue.Protections]);
        var shrink = new Option<bool>("--shrink") { Description = "Runs what fails again with fewer faults, until none can be left out." };
        var command = new Command("chaos", "Breaks everything at random, over clients that know only the balancer. Ends with 1 if a run is wrong.") { seeds, count, seconds, faults, redis, without, shrink };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var given = parsed.GetValue(seeds) ?? [];
            var fresh = parsed.GetValue(count) is > 0 and var wanted ? wanted : given.Length == 0 ? 1 : 0;
            var request = new ChaosRequest(
                [.. given, .. Enumerable.Range(0, fresh).Select(_ => Random.Shared.Next())],
                parsed.GetValue(seconds),
                parsed.GetRequiredValue(redis),
                parsed.GetValue(without) ?? [],
                parsed.GetValue(faults) is { } places ? [.. places.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(place => int.Parse(place, CultureInfo.InvariantCulture))] : null,
                parsed.GetValue(shrink));
            return await runChaos(request, console.WriteLine, cancellationToken) ? Ok : PromiseBroken;
        });
        return command;
    }

    private Command Mutants()
    {
        var names = new Argument<string[]>("mutants") { Description = "Only these; all by default.", Arity = ArgumentArity.ZeroOrMore };
        names.AcceptOnlyFromAmong([.. Mutant.All.Select(mutant => mutant.Name)]);
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => LabParameters.Usual.Seed };
        var redis = new Option<string>("--redis")
        {
            Description = "embedded or server; server where there is a redis-server on the PATH.",
            DefaultValueFactory = _ => ProgramPaths.IsOnPath("redis-server") ? "server" : "embedded",
        };
        redis.AcceptOnlyFromAmong("embedded", "server");
        var command = new Command("mutants", "Tests the lab itself: nodes that are wrong on purpose have to be found, and a right one not. Ends with 1 if that is not so.") { names, seed, redis };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var request = new MutantRequest(parsed.GetValue(names) ?? [], parsed.GetValue(seed), parsed.GetRequiredValue(redis));
            var results = await runMutants(request, new SilentView(), cancellationToken);
            foreach (var result in results)
            {
                console.WriteLine(MutantText.Line(result));
            }

            return results.All(result => result.IsRight) ? Ok : PromiseBroken;
        });
        return command;
    }

    /// <summary>What a guard stops at: a promise that did not hold, and a protection that nothing needs.</summary>
    private static IEnumerable<string> Broken(LabReport report) =>
    [
        .. report.Cells.Where(cell => cell.Broken.Count > 0 || cell.Verdict == Verdict.Broken)
            .Select(cell => $"{cell.Experiment} {cell.Strategy}: {string.Join("; ", cell.Broken.Select(promise => promise.ToString()).DefaultIfEmpty(CellText.Line(cell)))}"),
        .. report.Ablations.Where(ablation => ablation is { Error: null, ShowsNeed: false })
            .Select(ablation => $"without {ablation.Protection}, {ablation.Experiment}: nothing broke"),
    ];

    private Command Report()
    {
        var json = new Option<string>("--json")
        {
            Description = "The report to draw.",
            DefaultValueFactory = _ => Path.Combine(ReportFiles.DefaultFolder, ReportFiles.JsonName),
        };
        var folder = new Option<string?>("--out") { Description = "Folder for page and Markdown; that of the JSON by default." };
        var documents = new Option<bool>("--docs") { Description = "Also writes the tables into README.md and docs/what-breaks.md, between their marks." };
        var command = new Command("report", "Draws a report that was run before.") { json, folder, documents };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(json);
            var report = await ReportFiles.ReadAsync(path, cancellationToken);
            var target = parsed.GetValue(folder) ?? Path.GetDirectoryName(Path.GetFullPath(path))!;
            console.MarkupLineInterpolated($"{await ReportFiles.WriteAsync(report, target, cancellationToken)}");
            if (parsed.GetValue(documents))
            {
                var changed = await ReportFiles.RefreshDocumentsAsync(report, Directory.GetCurrentDirectory(), cancellationToken);
                console.MarkupLineInterpolated($"{(changed.Count == 0 ? "The documents say the same already." : string.Join('\n', changed))}");
            }

            return Ok;
        });
        return command;
    }
}
