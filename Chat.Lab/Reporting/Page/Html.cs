using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Chat.Lab.Reporting.Page;

/// <summary>A piece of HTML, written as an interpolated string: what stands in its holes is escaped, unless it is such a piece itself.</summary>
[InterpolatedStringHandler]
internal sealed class Html
{
    public static readonly Html None = new("");

    private readonly StringBuilder _text;

    public Html(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (16 * formattedCount));

    private Html(string html) => _text = new StringBuilder(html);

    /// <summary>Takes a text as HTML that is known to be HTML: the page's own style sheet and script.</summary>
    public static Html Verbatim(string html) => new(html);

    public void AppendLiteral(string html) => _text.Append(html);

    public void AppendFormatted(string? text)
    {
        foreach (var character in text ?? "")
        {
            _ = character switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                // No character of a document, even escaped.
                < ' ' and not ('\n' or '\t') => _text.Append('\uFFFD'),
                _ => _text.Append(character),
            };
        }
    }

    public void AppendFormatted(Html piece) => _text.Append(piece._text);

    public void AppendFormatted(IEnumerable<Html> pieces)
    {
        foreach (var piece in pieces)
        {
            _text.Append(piece._text);
        }
    }

    public void AppendFormatted(int number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A place in a drawing: two decimals are finer than any screen.</summary>
    public void AppendFormatted(double number) => _text.Append(number.ToString("0.##", CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();
}
