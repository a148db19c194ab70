using System.Globalization;
using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Components.Parts;

/// <summary>Values as people read them.</summary>
internal static class Format
{
    private const int Colours = 12;
    private const int NanosPerTick = 100;

    public static string Duration(long nanos) => nanos switch
    {
        0 => "0",
        < 1_000 => $"{nanos} ns",
        < 1_000_000 => $"{Number(nanos / 1e3)} µs",
        < 1_000_000_000 => $"{Number(nanos / 1e6)} ms",
        < 60_000_000_000 => $"{Number(nanos / 1e9)} s",
        _ => $"{Number(nanos / 60e9)} min",
    };

    public static string Time(long nanos) => Local(nanos).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset at) => at.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string DateAndTime(long nanos) => Local(nanos).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    public static string DateAndTime(DateTimeOffset? at) =>
        at?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    public static string ShortTime(DateTimeOffset? at) =>
        at?.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits that matter, as charts and durations need them.</summary>
    public static string Number(double number)
    {
        var size = Math.Abs(number);
        var format = size switch
        {
            >= 100 or 0 => "#,0",
            >= 10 => "0.#",
            >= 0.1 => "0.##",
            _ => "0.###e0",
        };
        return number.ToString(format, CultureInfo.InvariantCulture);
    }

    public static string Percent(double percent) => percent.ToString("0.###", CultureInfo.InvariantCulture) + "%";

    /// <summary>The CSS class that sets the colour of an instance. Names always stand beside it.</summary>
    public static string Colour(TelemetryInstance instance) => $"c{instance.Number % Colours}";

    public static string Plural(long count, string one) => $"{Count(count)} {one}{(count == 1 ? "" : "s")}";

    private static DateTimeOffset Local(long nanos) => DateTimeOffset.UnixEpoch.AddTicks(nanos / NanosPerTick).ToLocalTime();
}
