namespace Chat.Lab.Checking;

/// <summary>One user on all devices, and when the cluster could reach any of them.</summary>
internal sealed class Person(IReadOnlyList<ClientRecord> devices, Evidence evidence)
{
    public string User => devices[0].User;

    /// <summary>When the last device went for good; null while any is there.</summary>
    public double? GoneAt { get; } = devices.All(device => device.GoneAt is not null) ? devices.Max(device => device.GoneAt) : null;

    /// <summary>It is there at the end.</summary>
    public bool IsIn(string room) => devices.Any(device => device.Present && device.Rooms.Any(view => view.Room == room && view is { JoinedAt: not null, Left: false }));

    public double JoinedAt(string room) =>
        devices.SelectMany(device => device.Rooms).Where(view => view.Room == room && view.JoinedAt is not null).Min(view => view.JoinedAt) ?? double.PositiveInfinity;

    /// <summary>The longest time without a break, within these, that no device of his was on a node that the others could hear of.</summary>
    public double LongestOutOfReach(double from, double to) => devices.Min(device => LongestOf(device, from, to));

    private double LongestOf(ClientRecord device, double from, double to)
    {
        var away = Away(device).Concat(Faulty(device)).Select(span => (From: Math.Max(from, span.From), To: Math.Min(to, span.To)))
            .Where(span => span.To > span.From).OrderBy(span => span.From).ToArray();
        var (longest, begun, ended) = (0.0, double.NegativeInfinity, double.NegativeInfinity);
        foreach (var span in away)
        {
            begun = span.From > ended ? span.From : begun;
            ended = Math.Max(ended, span.To);
            longest = Math.Max(longest, ended - begun);
        }

        return longest;
    }

    /// <summary>Connected to no node.</summary>
    private static IEnumerable<(double From, double To)> Away(ClientRecord device)
    {
        double? since = null;
        foreach (var status in device.Statuses)
        {
            if (status.Node is null)
            {
                since ??= status.At;
            }
            else if (since is { } from)
            {
                since = null;
                yield return (from, status.At);
            }
        }

        if (since is { } never)
        {
            yield return (never, double.PositiveInfinity);
        }
    }

    /// <summary>Connected to a node that something was wrong with, or itself the target.</summary>
    private IEnumerable<(double From, double To)> Faulty(ClientRecord device)
    {
        foreach (var fault in evidence.Faults)
        {
            if (fault.Touches(device.User))
            {
                yield return (fault.From, fault.To);
                continue;
            }

            foreach (var (node, from, to) in ConnectionChecker.Stays(device, evidence.EndedAt).Where(stay => fault.Touches(stay.Node)))
            {
                yield return (Math.Max(from, fault.From), Math.Min(to, fault.To));
            }
        }
    }
}
