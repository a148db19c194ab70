namespace Chat.Lab.Checking;

/// <summary>Holds who was shown as present against who was.</summary>
internal static class PresenceChecker
{
    /// <returns>
    /// The longest that somebody who had gone for good was still shown to anybody in a room of his, and how often somebody was shown as
    /// gone who was there.
    /// </returns>
    public static (double GhostSeconds, int FalseLeaves) Check(Evidence evidence)
    {
        var ghost = 0.0;
        var falseLeaves = 0;
        var goneAt = evidence.Clients.GroupBy(client => client.User).ToDictionary(
            group => group.Key, group => group.All(client => client.GoneAt is not null) ? group.Max(client => client.GoneAt) : null);
        foreach (var observer in evidence.Clients.Where(client => client.Present))
        {
            foreach (var view in observer.Rooms.Where(view => view.JoinedAt is not null))
            {
                ghost = Math.Max(ghost, LongestGhost(view, goneAt, evidence.EndedAt));
                falseLeaves += view.Presence.SelectMany(change => change.Left.Select(user => (change.At, User: user)))
                    .Count(left => goneAt.TryGetValue(left.User, out var gone) && (gone is null || left.At < gone));
            }
        }

        return (ghost, falseLeaves);
    }

    private static double LongestGhost(RoomRecord view, Dictionary<string, double?> goneAt, double endedAt)
    {
        var shownSince = new Dictionary<string, double>();
        var longest = 0.0;
        foreach (var change in view.Presence)
        {
            foreach (var user in change.Joined)
            {
                shownSince[user] = change.At;
            }

            foreach (var user in change.Left.Where(shownSince.ContainsKey))
            {
                longest = Math.Max(longest, Haunted(user, shownSince[user], change.At));
                shownSince.Remove(user);
            }
        }

        return shownSince.Aggregate(longest, (most, shown) => Math.Max(most, Haunted(shown.Key, shown.Value, endedAt)));

        double Haunted(string user, double from, double to) =>
            goneAt.TryGetValue(user, out var gone) && gone is { } at ? Math.Max(0, to - Math.Max(from, at)) : 0;
    }
}
