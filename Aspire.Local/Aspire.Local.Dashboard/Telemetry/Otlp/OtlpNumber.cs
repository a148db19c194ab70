namespace Aspire.Local.Dashboard.Telemetry.Otlp;

internal static class OtlpNumber
{
    /// <summary>Keeps an absurd time or count from a sender within what can be added and subtracted.</summary>
    public static long Bounded(ulong number) => (long)Math.Min(number, long.MaxValue / 2);
}
