using System.Reflection;
using System.Text.RegularExpressions;
using Chat.Balancer;
using Chat.Experiments;
using Chat.Lab.Processes;
using Chat.Node;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>docs/configuration.md names every option, with the default that it has.</summary>
public sealed partial class ConfigurationPageTests
{
    private static readonly MarkedPage Page = new("configuration.md");

    [Fact]
    public void The_page_says_of_every_option_what_the_code_says() => Page.Holds(All().ToDictionary(part => part.Name, part => part.Reference.Table()));

    [Fact]
    public void Every_option_says_what_it_means() => Assert.Empty(All().SelectMany(part => part.Reference.Undocumented));

    [Fact]
    public void The_page_names_every_switch_of_the_AppHost()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Tool.RepositoryFolder, "Chat.AppHost"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var switches = sources.SelectMany(file => Switch().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Except([BalancerOptions.Section]).Distinct().ToArray();
        var text = Page.Text;

        Assert.Contains("Chat:Nodes", switches);
        Assert.All(switches, name => Assert.Contains($"`--{name}=", text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_of_limits_names_every_limit()
    {
        var text = new MarkedPage("limits.md").Text;

        Assert.All(
            All().SelectMany(part => part.Reference.Options).Where(option => option.EndsWith("Max", StringComparison.Ordinal)),
            limit => Assert.Matches($"`(Chat:Balancer:)?{limit}`", text));
    }

    private static IEnumerable<(string Name, OptionsReference Reference)> All() =>
    [
        ("node options", From(typeof(NodeOptions))),
        ("experiment options", From(typeof(ExperimentOptions))),
        ("balancer options", From(typeof(BalancerOptions))),
        ("redis options", From(Assembly.LoadFrom(ProgramPaths.Find("Chat.Redis")).GetType("Chat.Redis.RedisServerOptions", throwOnError: true)!)),
    ];

    private static OptionsReference From(Type options) =>
        new(options, Path.ChangeExtension(ProgramPaths.Find(options.Assembly.GetName().Name!), ".xml"));

    [GeneratedRegex("\"(Chat:[A-Za-z]+(:[A-Za-z]+)?)\"")]
    private static partial Regex Switch();
}
