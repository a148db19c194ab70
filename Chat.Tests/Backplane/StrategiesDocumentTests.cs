using System.Text;
using Chat.Tests.Support;

namespace Chat.Tests.Backplane;

/// <summary>The table in docs/strategies.md is that of the suite.</summary>
public sealed class StrategiesDocumentTests
{
    private const string Begin = "<!-- proven -->\n";
    private const string End = "<!-- /proven -->\n";

    [Fact]
    public async Task The_document_says_what_the_suite_proves()
    {
        var path = Path.Combine(Tool.RepositoryFolder, "docs", "strategies.md");
        var written = await File.ReadAllTextAsync(path);
        var (begin, end) = (written.IndexOf(Begin, StringComparison.Ordinal), written.IndexOf(End, StringComparison.Ordinal));
        var table = Table();
        TestContext.Current.TestOutputHelper?.WriteLine(table);

        if (Environment.GetEnvironmentVariable("CHAT_TESTS_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, written[..begin] + Begin + table + written[end..]);
            return;
        }

        Assert.Equal(table, written[(begin + Begin.Length)..end]);
    }

    private static string Table()
    {
        var table = new StringBuilder();
        Row("promise", Strategy.All.Select(strategy => $"`{strategy.Name}`"));
        Row("---", Strategy.All.Select(_ => ":-:"));
        foreach (var promise in Enum.GetValues<Promise>())
        {
            Row(promise.Title(), Strategy.All.Select(strategy => strategy.Keeps(promise) ? "keeps" : "**breaks**"));
        }

        table.Append("\nHow each is forced:\n\n");
        foreach (var promise in Enum.GetValues<Promise>())
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"- *{promise.Title()}.* {promise.Scenario()}\n");
        }

        return table.ToString();

        void Row(string first, IEnumerable<string> cells) => table.Append("| ").AppendJoin(" | ", cells.Prepend(first)).Append(" |\n");
    }
}
