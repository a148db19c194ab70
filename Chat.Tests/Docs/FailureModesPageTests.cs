using System.Text.RegularExpressions;
using Chat.Lab.Experiments;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>docs/failure-modes.md explains every F-number that this repository cites, and names the experiments of the lab that show it.</summary>
public sealed partial class FailureModesPageTests
{
    private const string Name = "failure-modes.md";

    private static readonly string[] Cited = ["docs", "Chat.AppHost", "Chat.Balancer", "Chat.Benchmarks", "Chat.Client", "Chat.Lab", "Chat.Node", "Chat.Tests", "chat-web/src", "chat-client-js/src"];

    private static string Page => File.ReadAllText(Path.Combine(Tool.RepositoryFolder, "docs", Name));

    private static IReadOnlyDictionary<string, string> Entries =>
        Heading().Split(Page)[1..].Chunk(2).ToDictionary(part => part[0], part => part[1]);

    [Fact]
    public void Every_number_that_is_cited_has_an_entry()
    {
        var entries = Entries;
        var missing = from file in Files()
                      from number in Number().Matches(File.ReadAllText(file)).Select(match => match.Value).Distinct()
                      where !entries.ContainsKey(number)
                      select $"{number} in {Path.GetRelativePath(Tool.RepositoryFolder, file)}";

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_experiment_of_the_lab_is_named_under_its_number()
    {
        var entries = Entries;

        foreach (var experiment in Catalogue.All.Select(experiment => experiment.Summary))
        {
            Assert.Contains($"`{experiment.Id}`", entries[experiment.Catalogue], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_experiment_that_the_page_names_is_one_of_the_lab()
    {
        var known = Catalogue.All.Select(experiment => experiment.Summary.Id).ToHashSet();
        var named = Entries.Values.SelectMany(entry => ShownBy().Matches(entry)).SelectMany(line => Code().Matches(line.Value)).Select(match => match.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, known));
    }

    private static IEnumerable<string> Files() =>
        from folder in Cited.Select(folder => Path.Combine(Tool.RepositoryFolder, folder)).Where(Directory.Exists)
        from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        where Path.GetExtension(file) is ".md" or ".cs" or ".ts" or ".tsx"
            && !file.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj", "node_modules"]).Any()
        select file;

    [GeneratedRegex(@"^### (F\d\d) .*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\bF[0-5]\d\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"^\*\*Lab:\*\*.*$", RegexOptions.Multiline)]
    private static partial Regex ShownBy();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
