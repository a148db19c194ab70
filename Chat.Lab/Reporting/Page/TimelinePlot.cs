using System.Globalization;
using System.Text;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting.Page;

/// <summary>
/// Draws what was delivered upwards and what is missing downwards, on one scale, with what was broken behind it. Places along the
/// time are percentages, so that the drawing takes any width while its letters keep their size.
/// </summary>
internal sealed class TimelinePlot
{
    private const int Body = 150;
    private const int Axis = 20;
    private const int LabelRow = 17;

    /// <summary>A burst of recovery may be this many times higher than the usual rate before it is cut off.</summary>
    private const double BurstMax = 2.5;

    private const double SmallBurstMax = 1.5;

    /// <summary>Keeps the scale's number off the drawing.</summary>
    private const double Headroom = 1.2;

    private const int EventsNamedMax = 8;

    private readonly Timeline _timeline;
    private readonly double _seconds;
    private readonly double _top;
    private readonly double _bottom;

    private TimelinePlot(Timeline timeline, double burstMax)
    {
        _timeline = timeline;
        var length = Math.Max(timeline.Deliveries.Count, Math.Max(timeline.Late.Count, timeline.Missing.Count));
        _seconds = Math.Max(length * timeline.BucketSeconds, timeline.Faults.Select(fault => fault.From).Append(0.001).Max());
        _bottom = timeline.Missing.DefaultIfEmpty(0).Max();
        var usual = timeline.Deliveries.Order().ElementAtOrDefault(timeline.Deliveries.Count * 95 / 100);
        _top = Math.Max(1, Headroom * Math.Min(Highest, Math.Max(burstMax * usual, _bottom)));
    }

    private int Highest => Stacked().DefaultIfEmpty(0).Max();

    public static Html Draw(Timeline timeline)
    {
        if (timeline.Deliveries.Count == 0 && timeline.Missing.Count == 0)
        {
            return Html.None;
        }

        var plot = new TimelinePlot(SeriesReduction.Reduce(timeline), BurstMax);
        return $"{plot.Drawing()}{plot.Legend()}";
    }

    /// <summary>The same without letters, to stand in a cell of the matrix.</summary>
    public static Html DrawSmall(Timeline timeline)
    {
        if (timeline.Deliveries.Count == 0)
        {
            return Html.None;
        }

        var plot = new TimelinePlot(SeriesReduction.Reduce(timeline, 48), SmallBurstMax);
        var faults = timeline.Faults.Select(fault => (Html)$"""<rect class="f" x="{plot.At(fault.From)}%" width="{plot.Width(fault)}%" height="100%"/>""");
        return $"""<svg class="spark" aria-hidden="true">{faults}{plot.Shapes(0, 100, "100%")}</svg>""";
    }

    private Html Drawing()
    {
        var (labels, rows) = Labels();
        var above = Math.Max(1, rows) * LabelRow;
        var height = above + Body + Axis;
        var faults = _timeline.Faults.Select(fault =>
            (Html)$"""<rect class="f" x="{At(fault.From)}%" y="{above - 3}" width="{Width(fault)}%" height="{Body + 3}"/>""");
        var events = _timeline.Events.Select(happened =>
            (Html)$"""<svg x="{At(happened.At)}%" y="{above}" class="e"><title>{EventText(happened)}</title><path d="M0 0v{Body}M-3.500 {Body}h7L0 {Body - 6}z"/></svg>""");
        var zero = above + (Body * _top / (_top + _bottom));
        return $"""
            <svg class="plot" height="{height}" role="img" aria-label="{Description()}">{faults}{labels}
            {Shapes(above, Body, Body.ToString(CultureInfo.InvariantCulture))}<line class="z" x2="100%" y1="{zero}" y2="{zero}"/>
            {events}{Ticks(above + Body)}<text class="y" x="4" y="{above + 11}">{PerSecond(_top)}</text>{Cut(above)}</svg>

            """;
    }

    private Html Shapes(int y, int height, string size)
    {
        var length = Math.Max(1, Math.Max(_timeline.Deliveries.Count, _timeline.Missing.Count));
        var zero = height * _top / (_top + _bottom);
        return $"""
            <svg viewBox="0 0 {length} {height}" preserveAspectRatio="none" y="{y}" width="100%" height="{size}"><path class="r" d="{Steps(Stacked(), zero, -1)}"/><path class="d" d="{Steps(_timeline.Deliveries, zero, -1)}"/><path class="m" d="{Steps(_timeline.Missing, zero, 1)}"/></svg>
            """;
    }

    /// <summary>One outline over all buckets, from the line of zero and back to it; empty where there is nothing to see.</summary>
    private string Steps(IReadOnlyList<int> series, double zero, int direction)
    {
        if (series.All(count => count == 0))
        {
            return "";
        }

        var path = new StringBuilder(FormattableString.Invariant($"M0 {zero:0.#}"));
        var last = double.NaN;
        for (var bucket = 0; bucket < series.Count; bucket++)
        {
            var y = Math.Round(zero + (direction * zero * Math.Min(series[bucket], direction < 0 ? _top : _bottom) / _top), 1);
            if (y != last)
            {
                path.Append(FormattableString.Invariant($"{(bucket > 0 ? $"H{bucket}" : "")}V{y:0.#}"));
                last = y;
            }
        }

        return path.Append(FormattableString.Invariant($"H{series.Count}V{zero:0.#}z")).ToString();
    }

    private int[] Stacked() => [.. _timeline.Deliveries.Select((count, bucket) => count + _timeline.Late.ElementAtOrDefault(bucket))];

    /// <summary>Names of faults, above each other where they would touch on a narrow screen.</summary>
    private (IEnumerable<Html> Labels, int Rows) Labels()
    {
        const double percentPerCharacter = 1.9;
        var ends = new List<double>();
        var labels = new List<Html>();
        foreach (var fault in _timeline.Faults.OrderBy(fault => fault.From))
        {
            var width = fault.Name.Length * percentPerCharacter;
            var fits = At(fault.From) + width < 100;
            var from = fits ? At(fault.From) : Math.Max(0, 100 - width);
            var row = ends.FindIndex(end => end < from);
            if (row < 0)
            {
                row = ends.Count;
                ends.Add(0);
            }

            ends[row] = from + width + 1;
            labels.Add($"""<text class="n{(fits ? "" : " end")}" x="{(fits ? At(fault.From) : 100)}%" y="{(row * LabelRow) + 11}">{fault.Name}</text>""");
        }

        return (labels, ends.Count);
    }

    private IEnumerable<Html> Ticks(int y)
    {
        double[] steps = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
        var step = steps.FirstOrDefault(step => _seconds / step <= 8, _seconds / 4);
        for (var at = 0.0; at <= _seconds * 0.97; at += step)
        {
            var edge = at == 0 ? " first" : "";
            yield return $"""<text class="x{edge}" x="{At(at)}%" y="{y + 14}">{Amounts.Seconds(at)}</text>""";
        }
    }

    private Html Cut(int above) => Highest <= _top
        ? Html.None
        : $"""<text class="y end" x="100%" dx="-4" y="{above + 11}">cut off: up to {PerSecond(Highest)}</text>""";

    private Html Legend() =>
        $"""
        <ul class="key">
        <li><i class="k d"></i>shown within a second</li>{Key("r", _timeline.Late, "recovered, later")}{Key("m", _timeline.Missing, "never shown, by when it was sent")}
        {(_timeline.Faults.Count > 0 ? Key("f", "what is broken") : Html.None)}{_timeline.Events.Take(EventsNamedMax).Select(happened => Key("e", EventText(happened)))}
        </ul>

        """;

    private static Html Key(string shape, IReadOnlyList<int> series, string words) => series.Any(count => count > 0) ? Key(shape, words) : Html.None;

    private static Html Key(string shape, string words) => $"""<li><i class="k {shape}"></i>{words}</li>""";

    private string Description() =>
        $"Deliveries in each second, over {Amounts.Seconds(_seconds)}: {Amounts.Count(_timeline.Deliveries.Sum(count => (long)count))} in time, "
        + $"{Amounts.Count(_timeline.Late.Sum(count => (long)count))} recovered, {Amounts.Count(_timeline.Missing.Sum(count => (long)count))} missing. "
        + string.Join(" ", _timeline.Faults.Select(fault => $"{fault.Name} from {Amounts.Seconds(fault.From)} to {Amounts.Seconds(fault.To)}."));

    private static string EventText(TimelineEvent happened) =>
        $"{Amounts.Seconds(Math.Round(happened.At, 1))}: {happened.Name}{(happened.Count > 1 ? $", {Amounts.Count(happened.Count)} clients" : "")}";

    private string PerSecond(double perBucket) => Amounts.Quantity(Math.Round(perBucket / _timeline.BucketSeconds), "/s");

    private double At(double seconds) => Math.Round(Math.Clamp(seconds / _seconds, 0, 1) * 100, 2);

    /// <summary>At least a line, for what was over in no time.</summary>
    private double Width(FaultSpan fault) => Math.Max(0.4, At(fault.To) - At(fault.From));
}
