using System.ComponentModel.DataAnnotations;
using Chat.Experiments.Ablations;
using Chat.Node;
using Microsoft.Extensions.Options;

namespace Chat.Experiments;

/// <summary>What is different from Chat.Node, which has all other options: section <c>Chat</c> of the configuration. Checked at start.</summary>
internal sealed record ExperimentOptions
{
    public const string Section = NodeOptions.Section;

    private static readonly string[] Deliveries = ["log", "local", "local-first", "pubsub", "split", "streams"];

    /// <summary>How publications travel between nodes: <c>log</c>, or to see what breaks <c>local</c>, <c>local-first</c>, <c>pubsub</c>, <c>split</c>, <c>streams</c>. See docs/strategies.md.</summary>
    public string Delivery { get; init; } = "log";

    /// <summary>Protections that are taken away from <c>log</c>, to show what they are for. See docs/delivery.md.</summary>
    public string[] Without { get; init; } = [];

    /// <summary>How far this node's wall clock is ahead, or behind where it is negative: at most a day.</summary>
    public TimeSpan ClockSkew { get; init; }

    /// <summary>How often <c>streams</c> asks Redis what is new in its rooms.</summary>
    public TimeSpan StreamsPollPeriod { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Entries that one poll of <c>streams</c> takes of one room.</summary>
    [Range(1, 10_000)]
    public int StreamsPollEntriesMax { get; init; } = 100;

    /// <summary>Settings of the node itself, in place of those it was given.</summary>
    internal IEnumerable<KeyValuePair<string, string?>> NodeSettings =>
        Without.SelectMany(Protection.SettingsWithout).Prepend((nameof(Delivery), "log"))
            .Select(setting => KeyValuePair.Create<string, string?>($"{Section}:{setting.Item1}", setting.Item2));

    /// <exception cref="OptionsValidationException">An option cannot be used.</exception>
    public static ExperimentOptions From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<ExperimentOptions>() ?? new ExperimentOptions();
        var problems = options.Problems().ToArray();
        return problems.Length == 0
            ? options
            : throw new OptionsValidationException(Section, typeof(ExperimentOptions), problems.Select(problem => $"{Section}: {problem}."));
    }

    public IEnumerable<string> Problems()
    {
        if (!Deliveries.Contains(Delivery))
        {
            yield return $"Delivery is \"{Delivery}\": one of {string.Join(", ", Deliveries)}";
        }

        foreach (var unknown in Without.Except(Protection.All))
        {
            yield return $"Without has \"{unknown}\": only {string.Join(", ", Protection.All)} can be taken away";
        }

        if (Without.Length > 0 && Delivery != "log")
        {
            yield return "Without takes away what only Delivery \"log\" has";
        }

        if (ClockSkew.Duration() > TimeSpan.FromDays(1))
        {
            yield return "ClockSkew is at most a day";
        }

        if (StreamsPollPeriod <= TimeSpan.Zero)
        {
            yield return "StreamsPollPeriod is above zero";
        }

        if (StreamsPollEntriesMax is < 1 or > 10_000)
        {
            yield return "StreamsPollEntriesMax is between 1 and 10000";
        }
    }
}
