using System.Diagnostics;

namespace Chat.Client;

internal static class Traceparent
{
    /// <summary>W3C trace context of whatever is going on; null when nothing is traced.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : null;
}
