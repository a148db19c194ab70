namespace Aspire.Local.Dashboard.Resources;

/// <param name="Key">Unique within its feed.</param>
public sealed record ConsoleLine(long Key, string ResourceId, string Content, bool IsError, DateTimeOffset At);
