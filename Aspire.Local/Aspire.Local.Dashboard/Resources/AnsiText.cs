using System.Globalization;

namespace Aspire.Local.Dashboard.Resources;

/// <param name="Style">CSS classes: <c>ansi-0</c> to <c>ansi-15</c>, <c>ansi-bold</c>, or empty.</param>
public readonly record struct AnsiSegment(string Text, string Style);

/// <summary>Console output → coloured pieces. Knows the 16 colours and bold; drops every other escape sequence.</summary>
internal static class AnsiText
{
    private const char Escape = '\u001b';
    private const int Default = -1;
    private const int White = 7;

    public static IReadOnlyList<AnsiSegment> Parse(string text)
    {
        if (!text.Contains(Escape, StringComparison.Ordinal))
        {
            return [new AnsiSegment(text, "")];
        }

        var segments = new List<AnsiSegment>();
        var look = Look.Plain;
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            var escape = rest.IndexOf(Escape);
            var plain = escape < 0 ? rest : rest[..escape];
            if (plain.Length > 0)
            {
                segments.Add(new AnsiSegment(plain.ToString(), look.Style));
            }

            if (escape < 0)
            {
                break;
            }

            rest = rest[(escape + 1)..];
            var length = SequenceLength(rest);
            if (length > 1 && rest[0] == '[' && rest[length - 1] == 'm')
            {
                look = Select(rest[1..(length - 1)], look);
            }

            rest = rest[length..];
        }

        return segments;
    }

    // After ESC: "[" parameters and one final byte, "]" up to BEL, or one character.
    private static int SequenceLength(ReadOnlySpan<char> rest)
    {
        if (rest.Length == 0)
        {
            return 0;
        }

        var end = rest[0] switch
        {
            '[' => rest[1..].IndexOfAnyInRange('@', '~') + 1,
            ']' => rest.IndexOf('\a'),
            _ => 0,
        };
        return rest[0] is '[' or ']' && end <= 0 ? rest.Length : end + 1;
    }

    private static Look Select(ReadOnlySpan<char> codes, Look look)
    {
        foreach (var range in codes.Split(';'))
        {
            var code = int.TryParse(codes[range], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            look = code switch
            {
                0 => Look.Plain,
                1 => look with { IsBold = true },
                22 => look with { IsBold = false },
                >= 30 and <= 37 => look with { Colour = code - 30 },
                39 => look with { Colour = Default },
                >= 40 and <= 47 => look with { Background = code - 40 },
                49 => look with { Background = Default },
                >= 90 and <= 97 => look with { Colour = code - 90 + 8 },
                _ => look,
            };

            // What follows are numbers of a colour table, not codes.
            if (code is 38 or 48)
            {
                break;
            }
        }

        return look;
    }

    private readonly record struct Look(int Colour, int Background, bool IsBold)
    {
        public static Look Plain => new(Default, Default, IsBold: false);

        // Dark text on a coloured ground, as .NET's console logger writes "fail", is shown as text of that colour.
        public string Style => string.Join(
            ' ',
            ((string[])[Shown == Default ? "" : $"ansi-{Shown}", IsBold ? "ansi-bold" : ""]).Where(s => s.Length > 0));

        private int Shown => Colour <= 0 && Background > 0 && Background < White ? Background : Colour;
    }
}
