using System.Diagnostics;

namespace Chat.ServiceDefaults;

/// <summary>Spans for what somebody outside asks for, who may have sent the context of a trace of his own.</summary>
public static class ForeignTrace
{
    /// <summary>
    /// Starts a span below the sender's: one trace then runs from him to us. A sender who says "sampled" makes us record, so that is
    /// bounded: beyond it a trace of our own begins, which the sampler decides about as about any other, and links to his.
    /// </summary>
    /// <param name="name">Constant: it is given to the sampler before anything is known.</param>
    /// <param name="traceparent">W3C trace context as it came; null when none did. One that is not well formed counts as none.</param>
    /// <param name="payer">Given to <paramref name="mayFollow"/>.</param>
    /// <param name="mayFollow">Asked only when the sender wants it recorded; takes from a budget.</param>
    /// <returns>Null when nobody listens.</returns>
    public static Activity? Start<T>(
        ActivitySource source, string name, ActivityKind kind, string? traceparent, T payer, Func<T, bool> mayFollow)
    {
        if (!source.HasListeners())
        {
            return null;
        }

        if (!TryParse(traceparent, out var sender))
        {
            return source.StartActivity(kind, parentContext: default, name: name);
        }

        return !sender.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) || mayFollow(payer)
            ? source.StartActivity(kind, sender, name: name)
            : source.StartActivity(kind, parentContext: default, links: [new ActivityLink(sender)], name: name);
    }

    // The runtime's parser takes ids of nothing but zeros, which the standard forbids.
    private static bool TryParse(string? traceparent, out ActivityContext context) =>
        ActivityContext.TryParse(traceparent, null, isRemote: true, out context)
        && context.TraceId != default && context.SpanId != default;
}
