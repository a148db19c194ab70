using System.Diagnostics;

namespace Chat.Node.Rooms;

/// <summary>For a fan-out whose span is recorded: who took longest, and for how many it has to wait. The span ends with the last loop's part.</summary>
internal sealed class DeliveryWatch
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private TimeSpan _slowest;
    private string? _slowestConnection;
    private int _behind;

    // Whoever hands it out is the first.
    private int _parts = 1;

    private DeliveryWatch(Activity activity, TimeProvider time) => (Activity, _time) = (activity, time);

    public Activity Activity { get; }

    /// <returns>Null when nobody records it; then the span, if there is one, has ended.</returns>
    public static DeliveryWatch? Of(Activity? activity, TimeProvider time)
    {
        if (activity is { IsAllDataRequested: true })
        {
            return new DeliveryWatch(activity, time);
        }

        activity?.Dispose();
        return null;
    }

    /// <summary>One more part of it is under way.</summary>
    public void Begin() => Interlocked.Increment(ref _parts);

    public Part Watch() => new(_time);

    /// <summary>A part is over.</summary>
    public void End(Part? part = null)
    {
        lock (_gate)
        {
            if (part is not null)
            {
                _behind += part.Behind;
                if (part.Slowest > _slowest)
                {
                    (_slowest, _slowestConnection) = (part.Slowest, part.SlowestConnection);
                }
            }

            if (Interlocked.Decrement(ref _parts) > 0)
            {
                return;
            }
        }

        Activity
            .SetTag("chat.recipients.behind", _behind)
            .SetTag("chat.slowest_write_ms", _slowest.TotalMilliseconds)
            .SetTag("chat.slowest_write.connection", _slowestConnection);

        // Stopping it would make its parent this thread's current one.
        var current = System.Diagnostics.Activity.Current;
        Activity.Dispose();
        System.Diagnostics.Activity.Current = current;
    }

    /// <summary>What one loop sees.</summary>
    public sealed class Part(TimeProvider time)
    {
        private long _at = time.GetTimestamp();

        public TimeSpan Slowest { get; private set; }

        public string? SlowestConnection { get; private set; }

        public int Behind { get; private set; }

        /// <summary>One member has been handed it, the next one's turn begins.</summary>
        public void Delivered(Membership member)
        {
            var now = time.GetTimestamp();
            var took = time.GetElapsedTime(_at, now);
            _at = now;
            Behind += member.IsBehind ? 1 : 0;
            if (took > Slowest)
            {
                (Slowest, SlowestConnection) = (took, member.Connection);
            }
        }
    }
}
