using System.Globalization;

namespace Chat.Lab.Reporting;

/// <summary>Numbers as people read them: as few digits as tell them apart, the same on every machine.</summary>
internal static class Amounts
{
    /// <param name="ratio">0 to 1.</param>
    /// <returns><c>0</c> for nothing at all, <c>100 %</c> for everything: what is close to either says so.</returns>
    public static string Share(double ratio) => ratio switch
    {
        0 => "0",
        < 0.001 => "< 0.1 %",
        < 0.0995 => Format(ratio * 100, "0.0") + " %",
        > 0.995 and < 1 => "> 99 %",
        _ => Format(ratio * 100, "0") + " %",
    };

    public static string Count(long count) => Format(count, "#,0");

    public static string Seconds(double seconds) => Quantity(seconds, "s");

    /// <summary>Minutes and seconds, for how long a run takes.</summary>
    public static string Duration(double seconds)
    {
        var whole = (long)Math.Round(seconds);
        return whole < 60 ? $"{whole} s" : whole < 3600 ? $"{whole / 60} min {whole % 60:00} s" : $"{whole / 3600} h {whole / 60 % 60:00} min";
    }

    public static string Quantity(double value, string unit) => unit.Length == 0 || unit == "/s" ? Number(value) + unit : $"{Number(value)} {unit}";

    private static string Number(double value) => double.IsNaN(value) ? "–" : Math.Abs(value) switch
    {
        double.PositiveInfinity => value > 0 ? "∞" : "−∞",
        >= 100 => Format(value, "#,0"),
        >= 10 => Format(value, "0.#"),
        _ => Format(value, "0.##"),
    };

    private static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−');
}
