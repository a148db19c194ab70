namespace Aspire.Local.Dashboard.Telemetry.Model;

/// <param name="Value">As text, cut at TelemetryLimits.AttributeLengthMax.</param>
public readonly record struct TelemetryTag(string Name, string Value);

public static class TelemetryTags
{
    public static string? Find(this IReadOnlyList<TelemetryTag> attributes, string name)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Name == name)
            {
                return attribute.Value;
            }
        }

        return null;
    }
}
