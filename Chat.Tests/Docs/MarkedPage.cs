using Chat.Lab.Reporting;
using Chat.Tests.Support;

namespace Chat.Tests.Docs;

/// <summary>A page of docs/ with parts that are written by a program: each between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>.</summary>
internal sealed class MarkedPage(string file)
{
    private readonly string _path = Path.Combine(Tool.RepositoryFolder, "docs", file);

    public string Text => File.ReadAllText(_path);

    /// <summary>Fails when the page does not say this; with <c>CHAT_TESTS_UPDATE_DOCS=1</c> writes it instead.</summary>
    public void Holds(IReadOnlyDictionary<string, string> parts)
    {
        var written = Text;
        foreach (var name in parts.Keys)
        {
            Assert.Contains($"<!-- {name} -->", written, StringComparison.Ordinal);
        }

        var right = MarkedDocument.Refresh(written, parts);
        if (Environment.GetEnvironmentVariable("CHAT_TESTS_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(_path, right);
            return;
        }

        Assert.Equal(right, written);
    }
}
