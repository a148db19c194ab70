using System.Text;
using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>Fills <c>{Name}</c> from the attributes, for senders that send the template as the body.</summary>
internal static class MessageTemplate
{
    public static string Format(string template, IReadOnlyList<TelemetryTag> attributes)
    {
        if (attributes.Count == 0 || !template.Contains('{', StringComparison.Ordinal))
        {
            return template;
        }

        var text = new StringBuilder(template.Length + 32);
        var rest = template.AsSpan();
        while (rest.Length > 0)
        {
            var open = rest.IndexOf('{');
            var close = open < 0 ? -1 : rest[open..].IndexOf('}');
            if (close < 0)
            {
                break;
            }

            var hole = rest.Slice(open, close + 1);
            text.Append(rest[..open]).Append(Value(hole[1..^1], attributes) ?? hole.ToString());
            rest = rest[(open + close + 1)..];
        }

        return text.Append(rest).ToString();
    }

    private static string? Value(ReadOnlySpan<char> hole, IReadOnlyList<TelemetryTag> attributes)
    {
        var end = hole.IndexOfAny(':', ',');
        var name = end < 0 ? hole : hole[..end];
        foreach (var attribute in attributes)
        {
            if (name.SequenceEqual(attribute.Name))
            {
                return attribute.Value;
            }
        }

        return null;
    }
}
