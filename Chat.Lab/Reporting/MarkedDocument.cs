namespace Chat.Lab.Reporting;

/// <summary>Text written by people, with parts that the lab writes: each between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>.</summary>
internal static class MarkedDocument
{
    /// <summary>Replaces what stands between the marks of each part that the text has, wherever it has them; the rest stays as it is.</summary>
    /// <param name="parts">New content by name.</param>
    /// <exception cref="FormatException">A mark opens that does not close.</exception>
    public static string Refresh(string text, IReadOnlyDictionary<string, string> parts)
    {
        foreach (var (name, content) in parts)
        {
            text = Replace(text, name, content);
        }

        return text;
    }

    private static string Replace(string text, string name, string content)
    {
        var (open, close) = ($"<!-- {name} -->", $"<!-- /{name} -->");
        var from = text.IndexOf(open, StringComparison.Ordinal);
        while (from >= 0)
        {
            var inside = from + open.Length;
            var end = text.IndexOf(close, inside, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new FormatException($"{open} is not closed by {close}.");
            }

            var part = $"\n{content.Trim('\n')}\n";
            text = text[..inside] + part + text[end..];
            from = text.IndexOf(open, inside + part.Length, StringComparison.Ordinal);
        }

        return text;
    }
}
