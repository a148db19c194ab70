using System.Text.RegularExpressions;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>A link of a page leads to a file or folder of the repository, and to a heading that is there.</summary>
public sealed partial class LinksTests
{
    [Fact]
    public void Every_link_leads_somewhere()
    {
        var broken = from page in Pages()
                     from target in Link().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)
                     where !target.Contains(':', StringComparison.Ordinal) && !Leads(page, target)
                     select $"{Path.GetRelativePath(Tool.RepositoryFolder, page)}: {target}";

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Pages() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Tool.RepositoryFolder, "docs"), "*.md", SearchOption.AllDirectories),
        .. new[] { "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md" }.Select(page => Path.Combine(Tool.RepositoryFolder, page)),
    ];

    private static bool Leads(string page, string target)
    {
        var (file, heading) = target.Split('#') is [var name, var anchor] ? (name, anchor) : (target, "");
        var path = file.Length == 0 ? page : Path.GetFullPath(file, Path.GetDirectoryName(page)!);
        return heading.Length == 0
            ? Path.Exists(path)
            : File.Exists(path) && Heading().Matches(File.ReadAllText(path)).Any(match => Anchor(match.Groups[1].Value) == heading);
    }

    /// <summary>As the usual renderers make it from a heading.</summary>
    private static string Anchor(string heading) =>
        NotInAnchors().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchors();
}
