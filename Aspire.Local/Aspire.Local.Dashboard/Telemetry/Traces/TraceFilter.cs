using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Traces;

/// <param name="Text">Found in a name, an attribute's value or a status message of any span, or in the trace id; empty for all.</param>
/// <param name="Source">A service or the ResourceId of one instance; empty for all.</param>
internal sealed record TraceFilter(string Text, string Source, TimeSpan DurationMin, int InstancesMin, bool OnlyErrors)
{
    private const int NanosPerTick = 100;

    public bool Matches(Trace trace) =>
        trace.Instances.Count >= InstancesMin
        && trace.DurationNanos >= DurationMin.Ticks * NanosPerTick
        && (!OnlyErrors || trace.Errors > 0)
        && (Source.Length == 0 || trace.Instances.Any(i => i.Instance.Service == Source || i.Instance.ResourceId == Source))
        && (Text.Length == 0 || HasText(trace));

    private bool HasText(Trace trace) =>
        Contains(trace.Id.ToString()) || trace.Spans.Any(HasText);

    private bool HasText(TraceSpan span) =>
        Contains(span.Name) || Contains(span.StatusMessage) || span.Attributes.Any(a => Contains(a.Value));

    private bool Contains(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
}
