namespace Chat.Lab.Checking;

/// <summary>Who was shown as present against who was, both ways: ghosts, and people shown as gone, or not shown, who were there.</summary>
internal static class PresenceChecker
{
    /// <summary>Whoever was out of reach for so long, seen from the cluster, may be shown as gone: less than a lease, and than the grace after a lost connection.</summary>
    private const double OutOfReachSeconds = 3;

    /// <summary>So long after it was out of reach somebody may still be shown as gone: a lease, a census and one round of telling.</summary>
    private const double EchoSeconds = 8;

    /// <summary>People count as there once they have been for so long: a newcomer is announced, not known.</summary>
    private const double SettledSeconds = 5;

    public static PresenceFindings Check(Evidence evidence, Anomalies anomalies)
    {
        var findings = new PresenceFindings();
        var people = evidence.Clients.GroupBy(client => client.User).ToDictionary(group => group.Key, group => new Person([.. group], evidence));
        foreach (var room in evidence.Clients.SelectMany(client => client.Rooms.Select(view => view.Room)).Distinct())
        {
            string[] there = [.. people.Values.Where(person => person.IsIn(room)).Select(person => person.User)];
            foreach (var observer in evidence.Clients.Where(client => client.Present))
            {
                foreach (var view in observer.Rooms.Where(view => view.Room == room && view is { JoinedAt: not null, Left: false }))
                {
                    CheckView(new Watch(observer, view, people, evidence), there, findings, anomalies);
                }
            }
        }

        return findings;
    }

    private static void CheckView(Watch watch, string[] there, PresenceFindings findings, Anomalies anomalies)
    {
        var shown = new Dictionary<string, double>();
        foreach (var change in watch.View.Presence)
        {
            if (change.Joined.Count + change.Left.Count == 0)
            {
                // The room has grown big: from now on it is told in numbers, and whoever was named before may be there or not.
                shown.Clear();
            }

            foreach (var user in change.Joined)
            {
                shown.TryAdd(user, change.At);
            }

            foreach (var user in change.Left)
            {
                if (shown.Remove(user, out var since))
                {
                    findings.GhostSeconds = Math.Max(findings.GhostSeconds, watch.Haunted(user, since, change.At));
                }

                if (watch.IsFalseLeave(user, change.At))
                {
                    findings.FalseLeaves++;
                    anomalies.Add(AnomalyKind.FalseLeave, watch.View.Room, () => $"{watch.Observer.User} was shown at {change.At:0.00} s that {user} had gone");
                }
            }
        }

        foreach (var (user, since) in shown)
        {
            findings.GhostSeconds = Math.Max(findings.GhostSeconds, watch.Haunted(user, since, watch.Evidence.EndedAt));
        }

        CheckEnd(watch, there, shown, anomalies);
    }

    private static void CheckEnd(Watch watch, string[] there, Dictionary<string, double> shown, Anomalies anomalies)
    {
        if (!watch.SawTheEnd)
        {
            return;
        }

        // In a big room only how many there are is told; around the limit it may be either.
        if (shown.Count == 0 && there.Length > watch.Evidence.MembersListedMax * 3 / 4)
        {
            var count = watch.View.Presence is [.., var last] ? last.Count : 0;
            if (count != there.Length)
            {
                anomalies.Add(count < there.Length ? AnomalyKind.Unseen : AnomalyKind.GhostAtEnd, watch.View.Room, () => $"{watch.Observer.User} is shown {count} people, there are {there.Length}");
            }

            return;
        }

        foreach (var user in there.Where(user => !shown.ContainsKey(user) && watch.IsSettled(user, SettledSeconds)))
        {
            anomalies.Add(AnomalyKind.Unseen, watch.View.Room, () => $"{watch.Observer.User} does not see {user}, who is there");
        }

        foreach (var user in shown.Keys.Where(user => !there.Contains(user) && !watch.HasJustGone(user, SettledSeconds)))
        {
            anomalies.Add(AnomalyKind.GhostAtEnd, watch.View.Room, () => $"{watch.Observer.User} sees {user}, who is not there");
        }
    }

    private sealed record Watch(ClientRecord Observer, RoomRecord View, Dictionary<string, Person> People, Evidence Evidence)
    {
        public double Haunted(string user, double from, double to) =>
            People.TryGetValue(user, out var person) && person.GoneAt is { } gone ? Math.Max(0, to - Math.Max(from, gone)) : 0;

        public bool IsFalseLeave(string user, double at) =>
            People.TryGetValue(user, out var person) && !(person.GoneAt < at) && person.LongestOutOfReach(at - EchoSeconds, at) < OutOfReachSeconds;

        public bool IsSettled(string user, double seconds) =>
            People[user].LongestOutOfReach(Evidence.EndedAt - seconds, Evidence.EndedAt) == 0 && People[user].JoinedAt(View.Room) < Evidence.EndedAt - seconds;

        /// <summary>It was on a node when everything ended, and not just come.</summary>
        public bool SawTheEnd => People[Observer.User].LongestOutOfReach(Evidence.EndedAt - 1, Evidence.EndedAt) == 0;

        public bool HasJustGone(string user, double seconds) =>
            People.TryGetValue(user, out var person) && person.GoneAt > Evidence.EndedAt - seconds;
    }
}

internal sealed class PresenceFindings
{
    /// <summary>The longest that somebody who had gone for good was still shown to anybody in a room of his.</summary>
    public double GhostSeconds { get; set; }

    public int FalseLeaves { get; set; }
}
