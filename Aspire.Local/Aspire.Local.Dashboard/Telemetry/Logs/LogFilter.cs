using Aspire.Local.Dashboard.Telemetry.Model;

namespace Aspire.Local.Dashboard.Telemetry.Logs;

/// <param name="Text">Found in the message, the category or an attribute's value; empty for all.</param>
/// <param name="Source">A service or the ResourceId of one instance; empty for all.</param>
/// <param name="TraceId">Empty for all.</param>
internal sealed record LogFilter(string Text, string Source, LogSeverity SeverityMin, TraceId TraceId)
{
    public bool Matches(LogEntry entry) =>
        entry.Severity >= SeverityMin
        && (TraceId.IsEmpty || entry.TraceId == TraceId)
        && (Source.Length == 0 || entry.Instance.Service == Source || entry.Instance.ResourceId == Source)
        && (Text.Length == 0 || Contains(entry.Message) || Contains(entry.Category) || entry.Attributes.Any(a => Contains(a.Value)));

    private bool Contains(string text) => text.Contains(Text, StringComparison.OrdinalIgnoreCase);
}
