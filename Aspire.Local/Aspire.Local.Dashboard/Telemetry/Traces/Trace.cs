using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Traces;

public sealed record InstanceShare(TelemetryInstance Instance, int Spans, int Errors);

/// <summary>What is known of one trace at one moment. Late spans make a new object.</summary>
public sealed class Trace
{
    private Trace(IReadOnlyList<TraceSpan> spans, TraceSpan root, IReadOnlyList<InstanceShare> instances)
    {
        Spans = spans;
        Root = root;
        Instances = instances;
        StartNanos = spans[0].StartNanos;
        EndNanos = spans.Max(s => s.EndNanos);
        Errors = instances.Sum(i => i.Errors);
    }

    public TraceId Id => Root.TraceId;

    /// <summary>By start. Never empty.</summary>
    public IReadOnlyList<TraceSpan> Spans { get; }

    /// <summary>The first span without a parent, or else the first whose parent is not here.</summary>
    public TraceSpan Root { get; }

    public bool HasRoot => Root.ParentId.IsEmpty;

    public long StartNanos { get; }

    public long EndNanos { get; }

    public long DurationNanos => EndNanos - StartNanos;

    public int Errors { get; }

    /// <summary>In the order in which they joined the trace.</summary>
    public IReadOnlyList<InstanceShare> Instances { get; }

    /// <param name="spans">Of one trace, in any order; at least one.</param>
    public static Trace From(IEnumerable<TraceSpan> spans)
    {
        var sorted = spans.ToArray();
        Array.Sort(sorted, static (a, b) => a.StartNanos != b.StartNanos
            ? a.StartNanos.CompareTo(b.StartNanos)
            : b.DurationNanos.CompareTo(a.DurationNanos));
        return new Trace(sorted, FindRoot(sorted), Share(sorted));
    }

    private static TraceSpan FindRoot(TraceSpan[] sorted)
    {
        if (Array.Find(sorted, s => s.ParentId.IsEmpty) is { } root)
        {
            return root;
        }

        var ids = sorted.Select(s => s.SpanId).ToHashSet();
        return Array.Find(sorted, s => !ids.Contains(s.ParentId)) ?? sorted[0];
    }

    private static InstanceShare[] Share(TraceSpan[] sorted) =>
    [
        .. sorted.GroupBy(s => s.Instance, ReferenceEqualityComparer.Instance)
            .Select(g => new InstanceShare((TelemetryInstance)g.Key!, g.Count(), g.Count(s => s.Status == SpanStatus.Error))),
    ];
}
