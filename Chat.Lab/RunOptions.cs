using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Chat.Lab.Reporting;
using Chat.Lab.Results;

namespace Chat.Lab;

/// <summary>The options of <c>run</c>, and the request that they make.</summary>
internal sealed class RunOptions
{
    private const string Everything = "all";

    private readonly LabCatalogue _catalogue;
    private readonly Argument<string[]> _experiments;
    private readonly Option<string[]> _strategies;
    private readonly Option<string[]> _without;
    private readonly Option<string?> _subset;
    private readonly Option<bool> _ablations = new("--ablations") { Description = "Also runs log with one protection taken away at a time." };
    private readonly Option<int> _seed = new("--seed") { Description = "Decides who is where, what is done to whom, every wait at random, and the load.", DefaultValueFactory = _ => LabParameters.Usual.Seed };
    private readonly Option<double> _seconds = AtLeast("--seconds", 1.0, LabParameters.Usual.Seconds, "Of load in each cell, unless the fault needs longer.");
    private readonly Option<int> _clients = AtLeast("--clients", 2, LabParameters.Usual.Clients, "In all.");
    private readonly Option<int> _nodes = AtLeast("--nodes", 1, LabParameters.Usual.Nodes, "At the beginning.");
    private readonly Option<int> _repeat = AtLeast("--repeat", 1, LabParameters.Usual.Repeat, "Runs each cell so often, with seeds that follow from the first; the report has the median, and what came least and most.");
    private readonly Option<string> _redis = new("--redis")
    {
        Description = "embedded (Garnet, nothing to install) or server (redis-server from the PATH; streams needs it).",
        DefaultValueFactory = _ => LabParameters.Usual.Redis,
    };

    public RunOptions(LabCatalogue catalogue)
    {
        _catalogue = catalogue;
        _experiments = new("experiments")
        {
            Description = $"Ids or numbers of the catalogue (F07), or {Everything}.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        _strategies = Some("--strategy", catalogue.Strategies, "Only these; all by default.");
        _without = Some("--without", catalogue.Protections, "Switches a protection of log off.");
        _subset = new("--subset") { Description = "A named choice of experiments." };
        _subset.AcceptOnlyFromAmong([.. catalogue.Subsets.Keys]);
        _redis.AcceptOnlyFromAmong("embedded", "server");
    }

    public Option<bool> Guard { get; } = new("--guard") { Description = "Fails when a promise is broken in any cell." };

    public Option<string> Out { get; } = new("--out") { Description = "Folder for the report.", DefaultValueFactory = _ => ReportFiles.DefaultFolder };

    public void AddTo(Command command)
    {
        command.Add(_experiments);
        foreach (var option in new Option[] { _strategies, _seed, _seconds, _clients, _nodes, _redis, _repeat, Guard, _subset, _without, _ablations, Out })
        {
            command.Add(option);
        }

        command.Validators.Add(Check);
    }

    public RunRequest Read(ParseResult parsed)
    {
        var named = Named(parsed.GetValue(_experiments) ?? [], parsed.GetValue(_subset));
        var strategies = parsed.GetValue(_strategies) is { Length: > 0 } chosen ? chosen : [.. _catalogue.Strategies];
        return new RunRequest(
            [.. _catalogue.Experiments.Select(experiment => experiment.Id).Where(named.Contains)],
            [.. _catalogue.Strategies.Where(strategies.Contains)],
            new LabParameters(
                parsed.GetValue(_seed),
                Seconds(parsed),
                parsed.GetValue(_clients),
                parsed.GetValue(_nodes),
                parsed.GetRequiredValue(_redis),
                parsed.GetValue(_repeat)),
            [.. (parsed.GetValue(_without) ?? []).Distinct()],
            parsed.GetValue(_ablations));
    }

    /// <summary>A subset is there to be fast: it has half of the usual time, unless one is named.</summary>
    private double Seconds(ParseResult parsed) => parsed.GetValue(_subset) is not null && parsed.GetResult(_seconds) is null or { Implicit: true }
        ? LabParameters.Usual.Seconds / 2
        : parsed.GetValue(_seconds);

    private void Check(CommandResult result)
    {
        var names = result.GetValue(_experiments) ?? [];
        if (names.Length == 0 && result.GetValue(_subset) is null)
        {
            result.AddError($"Name experiments, or {Everything}; `list` shows them.");
        }

        foreach (var unknown in names.Where(name => name != Everything && !_catalogue.Experiments.Any(experiment => IsNamed(experiment, name))))
        {
            result.AddError($"There is no experiment '{unknown}'; `list` shows them.");
        }
    }

    /// <summary>A subset stands for its experiments; names beside it, unless it is <c>all</c>, narrow it down.</summary>
    private HashSet<string> Named(string[] names, string? subset)
    {
        var all = names.Length == 0 || names.Contains(Everything);
        var chosen = _catalogue.Experiments.Where(experiment => all || names.Any(name => IsNamed(experiment, name))).Select(experiment => experiment.Id);
        return [.. subset is null ? chosen : chosen.Intersect(_catalogue.Subsets[subset])];
    }

    private static bool IsNamed(ExperimentSummary experiment, string name) =>
        string.Equals(experiment.Id, name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(experiment.Catalogue, name, StringComparison.OrdinalIgnoreCase);

    private static Option<string[]> Some(string name, IEnumerable<string> values, string description)
    {
        var option = new Option<string[]>(name) { Description = description, AllowMultipleArgumentsPerToken = true };
        option.AcceptOnlyFromAmong([.. values]);
        return option;
    }

    private static Option<T> AtLeast<T>(string name, T least, T usual, string description)
        where T : IComparable<T>, IParsable<T>
    {
        var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            // What is no number at all is refused by the parser itself.
            if (result.Tokens is [var token] && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && value.CompareTo(least) < 0)
            {
                result.AddError($"{name} is at least {least}.");
            }
        });
        return option;
    }
}
