using System.Diagnostics;

namespace Chat.Node.Rooms;

/// <summary>For a fan-out whose span is recorded: who took longest, and for how many it has to wait.</summary>
internal sealed class DeliveryWatch(Activity activity, TimeProvider time)
{
    private long _at = time.GetTimestamp();
    private TimeSpan _slowest;
    private string? _slowestConnection;
    private int _behind;

    /// <returns>Null when nobody records it.</returns>
    public static DeliveryWatch? Of(Activity? activity, TimeProvider time) =>
        activity is { IsAllDataRequested: true } ? new DeliveryWatch(activity, time) : null;

    /// <summary>One member has been handed it, the next one's turn begins.</summary>
    public void Delivered(Membership member)
    {
        var now = time.GetTimestamp();
        var took = time.GetElapsedTime(_at, now);
        _at = now;
        _behind += member.IsBehind ? 1 : 0;
        if (took > _slowest)
        {
            (_slowest, _slowestConnection) = (took, member.Connection);
        }
    }

    public void Tell() => activity
        .SetTag("chat.recipients.behind", _behind)
        .SetTag("chat.slowest_write_ms", _slowest.TotalMilliseconds)
        .SetTag("chat.slowest_write.connection", _slowestConnection);
}
