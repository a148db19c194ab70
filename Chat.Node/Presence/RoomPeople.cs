using Chat.Node.Signals;
using Chat.Protocol.Frames;

namespace Chat.Node.Presence;

/// <summary>
/// Who is in one room: for connections of this node, what they do here counts; for all others, what Redis and the signals say.
/// Gathers what has to be written and what the members have to be told. Not safe for several threads.
/// </summary>
internal sealed class RoomPeople(string room, Incarnation self, NodeOptions options, TimeProvider time)
{
    private readonly PresenceView _view = new();
    private readonly PresenceAnnouncer _announcer = new(room, options.MembersListedMax);

    /// <summary>Connection → user, of this node.</summary>
    private readonly Dictionary<string, string> _here = [];

    /// <summary>Connections of this node that were lost: they stay for a while, since their users may be on their way back.</summary>
    private readonly Dictionary<string, (string User, long Due)> _missed = [];
    private readonly Queue<(string Connection, long Due)> _dues = new();

    /// <summary>For each other node the newest reading of the leases that had begun when it was last heard of.</summary>
    private readonly Dictionary<Incarnation, long> _seen = [];

    /// <summary>What is to be written.</summary>
    public RoomChanges Changes { get; } = new();

    public bool IsCounted => _announcer.IsCounted;

    public bool HasNews => _view.HasChanges;

    public bool IsPresent(string user) => _view.IsPresent(user);

    public IReadOnlyCollection<string> UsersHere => _here.Values.ToHashSet();

    public void Enter(string connection, string user)
    {
        _here[connection] = user;
        _missed.Remove(connection);
        _view.Add(new PresenceEntry(connection, user, self));
        Changes.Open(connection, user);
    }

    /// <param name="atOnce">It left. Otherwise it was lost, and may come back.</param>
    public void Exit(string connection, bool atOnce)
    {
        if (!_here.Remove(connection, out var user))
        {
            return;
        }

        if (atOnce)
        {
            Forget(connection);
            return;
        }

        var due = time.GetTimestamp() + (long)(options.PresenceGrace.TotalSeconds * time.TimestampFrequency);
        _missed[connection] = (user, due);
        _dues.Enqueue((connection, due));
    }

    /// <returns>How long until somebody who was lost counts as gone; null when nobody is.</returns>
    public TimeSpan? NextDue() => _dues.TryPeek(out var first)
        ? TimeSpan.FromSeconds(Math.Max(0, (double)(first.Due - time.GetTimestamp()) / time.TimestampFrequency))
        : null;

    /// <summary>Those who were lost and have not come back in time are gone.</summary>
    public void Expire()
    {
        var now = time.GetTimestamp();
        while (_dues.TryPeek(out var first) && first.Due <= now)
        {
            _dues.Dequeue();
            if (_missed.TryGetValue(first.Connection, out var missed) && missed.Due == first.Due)
            {
                _missed.Remove(first.Connection);
                Forget(first.Connection);
            }
        }
    }

    /// <summary>The room closes on this node: nobody is here any more.</summary>
    public void Clear()
    {
        foreach (var (connection, _) in Own().ToArray())
        {
            Forget(connection);
        }

        _here.Clear();
        _missed.Clear();
        _dues.Clear();
    }

    /// <param name="seen">The newest reading of the leases that had begun.</param>
    public void Apply(Signal signal, long seen)
    {
        foreach (var entry in signal.Opened.Where(entry => entry.Node != self))
        {
            _view.Add(entry);
            _seen[entry.Node] = seen;
        }

        foreach (var connection in signal.Closed)
        {
            if (FindHere(connection) is { } user)
            {
                // Somebody took this node for dead.
                Changes.Open(connection, user);
            }
            else
            {
                _view.Remove(connection);
            }
        }
    }

    /// <summary>Takes over what Redis holds, and sets right what it holds of this node.</summary>
    /// <param name="forgetful">Redis has lost what it held: the other nodes write theirs again, and until then they are not gone.</param>
    /// <inheritdoc cref="Apply(Signal, long)"/>
    public void Replace(IReadOnlyCollection<PresenceEntry> entries, long seen, bool forgetful = false)
    {
        var known = entries.Where(entry => entry.Node == self).Select(entry => entry.Connection).ToHashSet();
        foreach (var (connection, user) in Own().Where(own => !known.Contains(own.Connection)))
        {
            Changes.Open(connection, user);
        }

        foreach (var connection in known.Where(connection => FindHere(connection) is null))
        {
            Changes.Close(connection);
        }

        var kept = forgetful ? _view.Connections : [];
        var others = kept.Concat(entries).Where(entry => entry.Node != self).ToArray();
        foreach (var entry in others)
        {
            _seen[entry.Node] = seen;
        }

        _view.Replace([.. others, .. Own().Select(own => new PresenceEntry(own.Connection, own.User, self))]);
    }

    /// <summary>Drops what dead nodes held. One of the nodes that are in the room takes it out of Redis.</summary>
    /// <param name="left">It was still in Redis when that was read just now: whoever was to take it out has not.</param>
    /// <returns>True when nodes remain that the census can say nothing of: let the next one come.</returns>
    public bool Drop(Census census, bool left = false)
    {
        var others = _view.Nodes.Where(node => node != self).ToArray();
        var dead = others.Where(node => census.IsDead(node, _seen.GetValueOrDefault(node))).ToHashSet();
        if (dead.Count > 0)
        {
            var mine = left || Duty.Of(room, others.Where(node => !dead.Contains(node)).Append(self).Select(node => node.Node)) == self.Node;
            foreach (var entry in _view.Connections.Where(entry => dead.Contains(entry.Node)).ToArray())
            {
                _view.Remove(entry.Connection);
                if (mine)
                {
                    Changes.Close(entry.Connection);
                }
            }
        }

        foreach (var node in _seen.Keys.Where(node => !_view.Nodes.Contains(node)).ToArray())
        {
            _seen.Remove(node);
        }

        return others.Any(node => !dead.Contains(node) && !census.Alive.Contains(node));
    }

    /// <inheritdoc cref="PresenceAnnouncer.Describe"/>
    public (IReadOnlyList<string>? Members, int? Count) Describe() => _announcer.Describe(_view);

    /// <inheritdoc cref="PresenceAnnouncer.Next"/>
    public PresenceFrame? Next() => _announcer.Next(_view);

    private IEnumerable<(string Connection, string User)> Own() =>
        _here.Select(own => (own.Key, own.Value)).Concat(_missed.Select(own => (own.Key, own.Value.User)));

    private string? FindHere(string connection) =>
        _here.TryGetValue(connection, out var user) ? user
        : _missed.TryGetValue(connection, out var missed) ? missed.User
        : null;

    private void Forget(string connection)
    {
        _view.Remove(connection);
        Changes.Close(connection);
    }
}
