using System.Globalization;
using System.Text;

namespace Chat.Benchmarks.Balancing;

/// <summary>Evenness over time as an SVG that reads on white and on black: a row for each event, without shedding on the left, with it on the right.</summary>
internal static class EvennessChart
{
    private const int Left = 44;
    private const int Top = 40;
    private const int PlotWidth = 360;
    private const int PlotHeight = 150;
    private const int Gap = 40;
    private const int RowHeight = PlotHeight + 70;
    private const double RatioMax = 2.0;

    private static readonly (string Policy, string Color)[] Colors =
        [("power-of-two", "#2f81f7"), ("least-connections", "#2da44e"), ("round-robin", "#d9822b"), ("hash", "#a371f7")];

    public static string Draw(IReadOnlyList<EvennessResult> results)
    {
        var events = results.GroupBy(result => result.Case.Event).ToArray();
        var (width, height) = (Left + (2 * PlotWidth) + Gap + 16, Top + (events.Length * RowHeight) + 10);
        var svg = new StringBuilder();
        Append(svg, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="12" role="img">
            <title>Fullest node to mean, over time</title>
            <style>text {"{ fill: #57606a }"} .grid {"{ stroke: #8c959f; stroke-opacity: .35 }"} .even {"{ fill: #2da44e; fill-opacity: .12 }"} @media (prefers-color-scheme: dark) {"{ text { fill: #b1bac4 } }"}</style>

            """);
        for (var i = 0; i < Colors.Length; i++)
        {
            Append(svg, $"""<path d="M{Left + (i * 150)} 14h18" stroke="{Colors[i].Color}" stroke-width="2.5"/><text x="{Left + (i * 150) + 24}" y="18">{Colors[i].Policy}</text>""");
        }

        for (var row = 0; row < events.Length; row++)
        {
            var seconds = Math.Ceiling(events[row].Max(result => result.Samples[^1].Seconds) / 10) * 10;
            foreach (var shedding in new[] { false, true })
            {
                var frame = new Frame(Left + (shedding ? PlotWidth + Gap : 0), Top + (row * RowHeight) + 24, seconds);
                DrawFrame(svg, frame, $"{EvennessCase.Describe(events[row].Key)}, {(shedding ? "with" : "without")} shedding");
                foreach (var result in events[row].Where(result => result.Case.Shedding == shedding).Reverse())
                {
                    DrawLine(svg, frame, result);
                }
            }
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void DrawFrame(StringBuilder svg, Frame frame, string title)
    {
        Append(svg, $"""<text x="{frame.X}" y="{frame.Y - 8}" font-weight="600">{title}</text>""");
        Append(svg, $"""<rect class="even" x="{frame.X}" y="{frame.OfRatio(EvennessResult.EvenRatio)}" width="{PlotWidth}" height="{frame.OfRatio(1) - frame.OfRatio(EvennessResult.EvenRatio)}"/>""");
        foreach (var ratio in new[] { 1, 1.25, 1.5, 1.75, 2 })
        {
            Append(svg, $"""<path class="grid" d="M{frame.X} {frame.OfRatio(ratio)}h{PlotWidth}"/><text x="{frame.X - 6}" y="{frame.OfRatio(ratio) + 4}" text-anchor="end">{ratio:0.##}</text>""");
        }

        var step = frame.Seconds > 60 ? 20 : 10;
        for (var second = 0; second <= frame.Seconds; second += step)
        {
            Append(svg, $"""<text x="{frame.OfSecond(second)}" y="{frame.Y + PlotHeight + 16}" text-anchor="middle">{second}{(second == 0 ? " s" : "")}</text>""");
        }
    }

    /// <summary>Runs on at its last height to the right edge: that case ended since nothing happened any more.</summary>
    private static void DrawLine(StringBuilder svg, Frame frame, EvennessResult result)
    {
        var color = Colors.First(pair => pair.Policy == result.Case.Policy).Color;
        var points = result.Samples.Append(result.Samples[^1] with { Seconds = frame.Seconds })
            .Select(sample => string.Create(CultureInfo.InvariantCulture, $"{frame.OfSecond(sample.Seconds):0.#},{frame.OfRatio(sample.Ratio):0.#}"));
        Append(svg, $"""<polyline fill="none" stroke="{color}" stroke-width="1.8" stroke-linejoin="round" points="{string.Join(' ', points)}"/>""");
    }

    private static void Append(StringBuilder svg, FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));

    private readonly record struct Frame(double X, double Y, double Seconds)
    {
        public double OfSecond(double second) => X + (PlotWidth * second / Seconds);

        public double OfRatio(double ratio) => Y + (PlotHeight * (RatioMax - Math.Min(ratio, RatioMax)) / (RatioMax - 1));
    }
}
