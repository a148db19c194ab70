using Chat.Benchmarks.Measuring;

namespace Chat.Benchmarks.Balancing;

/// <summary>Puts what was measured where people read it.</summary>
internal static class Document
{
    /// <summary>Prints a result and, if a docs folder was named, replaces the one in a page between <c>&lt;!-- mark --&gt;</c> and <c>&lt;!-- /mark --&gt;</c>.</summary>
    public static void Show(Settings settings, string page, string mark, string title, string table)
    {
        Console.WriteLine($"\n## {title}\n\n{table}");
        if (settings.Balancing.Docs is not { } docs)
        {
            return;
        }

        var path = Path.Combine(docs, page);
        var text = File.ReadAllText(path);
        var (open, close) = ($"<!-- {mark} -->", $"<!-- /{mark} -->");
        var (start, end) = (text.IndexOf(open, StringComparison.Ordinal), text.IndexOf(close, StringComparison.Ordinal));
        if (start < 0 || end < start)
        {
            throw new InvalidOperationException($"{path} has no place for {mark}.");
        }

        var when = $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores, load average {ProcessUsage.Load} at the end.";
        File.WriteAllText(path, $"{text[..(start + open.Length)]}\n{title}. {when}\n\n{table.TrimEnd()}\n{text[end..]}");
    }
}
