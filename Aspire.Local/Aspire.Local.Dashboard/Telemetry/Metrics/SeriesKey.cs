using System.Text;
using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Metrics;

/// <summary>One text per set of attributes, whatever their order.</summary>
internal static class SeriesKey
{
    public static string Of(IReadOnlyList<TelemetryTag> attributes)
    {
        if (attributes.Count == 0)
        {
            return "";
        }

        var key = new StringBuilder();
        foreach (var attribute in attributes.OrderBy(a => a.Name, StringComparer.Ordinal))
        {
            key.Append(attribute.Name).Append('\u001f').Append(attribute.Value).Append('\u001e');
        }

        return key.ToString();
    }
}
