using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>What records cost to keep, as if no string were shared: a bound from above.</summary>
internal static class MemoryEstimate
{
    public const int Record = 200;
    private const int StringHeader = 24;
    private const int ListHeader = 24;

    public static int Of(string text) => StringHeader + (2 * text.Length);

    public static int Of(IReadOnlyList<TelemetryTag> attributes)
    {
        var bytes = attributes.Count == 0 ? 0 : ListHeader;
        foreach (var attribute in attributes)
        {
            bytes += 16 + Of(attribute.Name) + Of(attribute.Value);
        }

        return bytes;
    }
}
