using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Traces;

/// <param name="Descendants">How many rows lie below it in the tree.</param>
/// <param name="IsOrphan">Its parent is known by id only.</param>
public sealed record WaterfallRow(TraceSpan Span, int Depth, int Descendants, bool IsOrphan);

/// <summary>A trace as a tree in reading order: every span exactly once, each below its parent.</summary>
internal static class Waterfall
{
    /// <summary>Takes what senders send: missing parents, repeated ids, and circles, which are cut at their earliest span.</summary>
    /// <param name="spans">By start.</param>
    public static IReadOnlyList<WaterfallRow> Layout(IReadOnlyList<TraceSpan> spans)
    {
        var byId = new Dictionary<SpanId, int>(spans.Count);
        for (var i = 0; i < spans.Count; i++)
        {
            byId.TryAdd(spans[i].SpanId, i);
        }

        var children = ChildrenByParent(spans, byId);
        var rows = new List<WaterfallRow>(spans.Count);
        var visited = new bool[spans.Count];
        for (var i = 0; i < spans.Count; i++)
        {
            if (ParentOf(spans, byId, i) is null)
            {
                Visit(i);
            }
        }

        for (var i = 0; i < spans.Count; i++)
        {
            Visit(i);
        }

        return WithDescendants(rows);

        void Visit(int from)
        {
            var pending = new Stack<(int Index, int Depth)>();
            pending.Push((from, 0));
            while (pending.TryPop(out var next))
            {
                if (visited[next.Index])
                {
                    continue;
                }

                visited[next.Index] = true;
                var span = spans[next.Index];
                var isOrphan = !span.ParentId.IsEmpty && !byId.ContainsKey(span.ParentId);
                rows.Add(new WaterfallRow(span, next.Depth, Descendants: 0, isOrphan));
                if (children.TryGetValue(next.Index, out var below))
                {
                    for (var i = below.Count - 1; i >= 0; i--)
                    {
                        pending.Push((below[i], next.Depth + 1));
                    }
                }
            }
        }
    }

    /// <summary>Leaves out what lies below the collapsed spans.</summary>
    public static IReadOnlyList<WaterfallRow> Visible(IReadOnlyList<WaterfallRow> rows, IReadOnlySet<SpanId> collapsed)
    {
        if (collapsed.Count == 0)
        {
            return rows;
        }

        var visible = new List<WaterfallRow>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            visible.Add(rows[i]);
            if (collapsed.Contains(rows[i].Span.SpanId))
            {
                i += rows[i].Descendants;
            }
        }

        return visible;
    }

    private static Dictionary<int, List<int>> ChildrenByParent(IReadOnlyList<TraceSpan> spans, Dictionary<SpanId, int> byId)
    {
        var children = new Dictionary<int, List<int>>();
        for (var i = 0; i < spans.Count; i++)
        {
            if (ParentOf(spans, byId, i) is { } parent)
            {
                if (!children.TryGetValue(parent, out var below))
                {
                    children.Add(parent, below = []);
                }

                below.Add(i);
            }
        }

        return children;
    }

    private static int? ParentOf(IReadOnlyList<TraceSpan> spans, Dictionary<SpanId, int> byId, int index) =>
        byId.TryGetValue(spans[index].ParentId, out var parent) && parent != index ? parent : null;

    private static WaterfallRow[] WithDescendants(List<WaterfallRow> rows)
    {
        var counted = rows.ToArray();
        var open = new Stack<int>();
        for (var i = 0; i <= counted.Length; i++)
        {
            var depth = i < counted.Length ? counted[i].Depth : 0;
            while (open.TryPeek(out var above) && counted[above].Depth >= depth)
            {
                open.Pop();
                counted[above] = counted[above] with { Descendants = i - above - 1 };
            }

            open.Push(i);
        }

        return counted;
    }
}
