using Chat.Lab;
using Chat.Lab.Chaos;
using Chat.Lab.Mutants;
using Chat.Lab.Reporting;
using Chat.Lab.Results;

namespace Chat.Tests.Lab.Reporting;

public sealed class LabCommandsTests : IDisposable
{
    /// <summary>The seed whose run is wrong.</summary>
    private const int Wrong = 666;

    /// <summary>As it is once it was stored: rounded.</summary>
    private static readonly LabReport Sample = ReportJson.Read(ReportJson.Write(SampleReport.Make()));

    private static readonly LabCatalogue Catalogue = new(
        Sample.Experiments, SampleReport.Strategies, ["gap-repair", "epoch"], new Dictionary<string, IReadOnlyList<string>> { ["ci"] = ["node-kill", "drain"] });

    private readonly string _folder = Directory.CreateTempSubdirectory("lab-").FullName;
    private readonly StringWriter _output = new();
    private ChaosRequest? _chaos;
    private RunRequest? _request;
    private MutantResult[] _mutants = [];

    public void Dispose()
    {
        _output.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Run_takes_names_and_numbers_in_the_order_of_the_catalogue()
    {
        var code = await InvokeAsync(
            Sample with { Cells = [] }, "run", "drain", "f07", "--strategy", "log", "local", "--seed", "7", "--seconds", "2.5", "--redis", "server", "--without", "epoch", "--ablations");

        Assert.Equal(LabCommands.Ok, code);
        Assert.Equal(["drain", "redis-cut-0.1", "redis-cut-1", "redis-cut-5"], _request!.Experiments);
        Assert.Equal(["local", "log"], _request.Strategies);
        Assert.Equal(new LabParameters(7, 2.5, 24, 3, "server"), _request.Parameters);
        Assert.Equal(["epoch"], _request.Without);
        Assert.True(_request.Ablations);
    }

    [Fact]
    public async Task Run_writes_the_report_as_page_Markdown_and_JSON()
    {
        await InvokeAsync(Sample, "run", "all");

        Assert.Equal(SampleExperiments.All.Length, _request!.Experiments.Count);
        Assert.Equal(ReportJson.Write(Sample), await File.ReadAllTextAsync(Path.Combine(_folder, "report.json")));
        Assert.Equal(HtmlReport.Write(Sample), await File.ReadAllTextAsync(Path.Combine(_folder, "report.html")));
        Assert.True(File.Exists(Path.Combine(_folder, "report.md")));
    }

    [Fact]
    public async Task A_subset_stands_for_its_experiments()
    {
        await InvokeAsync(Sample, "run", "--subset", "ci");

        Assert.Equal(["node-kill", "drain"], _request!.Experiments);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "no-such-experiment")]
    [InlineData("run", "all", "--strategy", "gossip")]
    [InlineData("run", "all", "--redis", "memcached")]
    [InlineData("run", "all", "--seconds", "0")]
    [InlineData("run", "all", "--nodes", "some")]
    [InlineData("run", "all", "--subset", "nightly")]
    [InlineData("break-everything")]
    public async Task Bad_usage_runs_nothing_and_ends_with_2(params string[] arguments)
    {
        var code = await new LabCommands(Catalogue, Run(Sample), Mutate, Wreak, Consoles.Plain(_output)).InvokeAsync(arguments, CancellationToken.None);

        Assert.Equal(LabCommands.BadUsage, code);
        Assert.Null(_request);
    }

    [Theory]
    [InlineData("broken", true, LabCommands.PromiseBroken)]
    [InlineData("broken", false, LabCommands.Ok)]
    [InlineData("failed", false, LabCommands.CellFailed)]
    [InlineData("failed", true, LabCommands.CellFailed)]
    [InlineData("told", true, LabCommands.Ok)]
    public async Task The_exit_code_says_how_it_came_out(string verdict, bool guard, int expected)
    {
        var report = Sample with { Cells = [Sample.Cells.First(cell => CellText.Word(cell.Verdict) == verdict)], Ablations = [] };

        var code = await InvokeAsync(report, guard ? ["run", "all", "--guard"] : ["run", "all"]);

        Assert.Equal(expected, code);
    }

    [Theory]
    [InlineData("a promise", null, true, LabCommands.Ok)]
    [InlineData("", null, true, LabCommands.PromiseBroken)]
    [InlineData("", null, false, LabCommands.Ok)]
    [InlineData("", "node 2 did not start", true, LabCommands.CellFailed)]
    public async Task A_protection_that_nothing_needs_stops_the_guard_and_so_does_a_run_that_fails(string broken, string? error, bool guard, int expected)
    {
        var ablation = new Ablation("canary", "what it is", Sample.Experiments[0].Id, broken.Length > 0 ? [broken] : [], Tally.Nothing, "command", error);

        var code = await InvokeAsync(Sample with { Cells = [], Ablations = [ablation] }, guard ? ["run", "all", "--ablations", "--guard"] : ["run", "all", "--ablations"]);

        Assert.Equal(expected, code);
    }

    [Fact]
    public async Task A_mutant_is_found_by_the_promise_that_names_it_and_the_control_by_none()
    {
        var mutant = Mutant.All[0];
        var right = Sample.Cells[0] with { Error = null, Promises = [] };
        var found = right with { Promises = [Promise.Reaches(mutant.Promise, mutant.What, 0, "%", 100)] };
        var otherwise = right with { Promises = [Promise.Never(PromiseKind.OneOrder, "something else", 1)] };

        Assert.Equal(LabCommands.Ok, await MutantsAsync(new(null, right), new(mutant, found)));
        Assert.Equal(LabCommands.PromiseBroken, await MutantsAsync(new(null, right), new(mutant, otherwise)));
        Assert.Equal(LabCommands.PromiseBroken, await MutantsAsync(new(null, otherwise), new(mutant, found)));
        Assert.Equal(LabCommands.PromiseBroken, await MutantsAsync(new(null, right with { Error = "no node" }), new(mutant, found)));

        Task<int> MutantsAsync(params MutantResult[] results)
        {
            _mutants = results;
            return new LabCommands(Catalogue, Run(Sample), Mutate, Wreak, Consoles.Plain(_output)).InvokeAsync(["mutants"], CancellationToken.None);
        }
    }

    [Theory]
    [InlineData(Wrong, LabCommands.PromiseBroken)]
    [InlineData(7, LabCommands.Ok)]
    public async Task Chaos_runs_the_seeds_and_the_faults_that_are_named_and_ends_with_1_when_a_run_is_wrong(int seed, int expected)
    {
        var code = await new LabCommands(Catalogue, Run(Sample), Mutate, Wreak, Consoles.Plain(_output)).InvokeAsync(
            ["chaos", "--seed", $"{seed}", "8", "--seconds", "5", "--faults", "0,4"], CancellationToken.None);

        Assert.Equal(expected, code);
        Assert.Equal([seed, 8], _chaos!.Seeds);
        Assert.Equal([0, 4], _chaos.Faults!);
        Assert.Equal(5, _chaos.Seconds);
        Assert.Contains("as it went", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subset_is_shorter_unless_a_time_is_named()
    {
        await InvokeAsync(Sample, "run", "--subset", "ci", "--repeat", "3");
        Assert.Equal(LabParameters.Usual with { Seconds = LabParameters.Usual.Seconds / 2, Repeat = 3 }, _request!.Parameters);

        await InvokeAsync(Sample, "run", "--subset", "ci", "--seconds", "9");
        Assert.Equal(9, _request!.Parameters.Seconds);
    }

    [Fact]
    public async Task A_report_is_drawn_again_from_its_JSON()
    {
        var json = Path.Combine(_folder, "old.json");
        await File.WriteAllTextAsync(json, ReportJson.Write(Sample));

        var code = await InvokeAsync(Sample, "report", "--json", json);

        Assert.Equal(LabCommands.Ok, code);
        Assert.Equal(HtmlReport.Write(Sample), await File.ReadAllTextAsync(Path.Combine(_folder, "report.html")));
    }

    [Fact]
    public async Task A_report_that_is_not_there_is_bad_usage()
    {
        var code = await InvokeAsync(Sample, "report", "--json", Path.Combine(_folder, "missing.json"));

        Assert.Equal(LabCommands.BadUsage, code);
        Assert.Contains("missing.json cannot be read", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Documents_are_refreshed_between_their_marks_alone()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "Chat.sln"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, "README.md"), "# Chat\n<!-- lab:matrix -->\n<!-- /lab:matrix -->\nThe end\n");
        var below = Directory.CreateDirectory(Path.Combine(_folder, "Chat.Lab")).FullName;

        var changed = await ReportFiles.RefreshDocumentsAsync(Sample, below, CancellationToken.None);
        var again = await ReportFiles.RefreshDocumentsAsync(Sample, below, CancellationToken.None);

        var readme = Assert.Single(changed);
        Assert.Empty(again);
        Assert.Contains("**67 %**", await File.ReadAllTextAsync(readme), StringComparison.Ordinal);
        Assert.EndsWith("<!-- /lab:matrix -->\nThe end\n", await File.ReadAllTextAsync(readme), StringComparison.Ordinal);
    }

    private Task<int> InvokeAsync(LabReport report, params string[] arguments) =>
        new LabCommands(Catalogue, Run(report), Mutate, Wreak, Consoles.Plain(_output)).InvokeAsync([.. arguments, "--out", _folder], CancellationToken.None);

    private Task<IReadOnlyList<MutantResult>> Mutate(MutantRequest request, ILabProgress progress, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MutantResult>>([.. _mutants]);

    private Task<bool> Wreak(ChaosRequest request, Action<string> say, CancellationToken cancellationToken)
    {
        _chaos = request;
        say("as it went");
        return Task.FromResult(request.Seeds[0] != Wrong);
    }

    private RunLab Run(LabReport report) => (request, _, _) =>
    {
        _request = request;
        return Task.FromResult(report);
    };
}
