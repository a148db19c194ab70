using Chat.Node.Signals;

namespace Chat.Node.Presence;

/// <summary>
/// Who is in a room, seen from one node: a set of connections, and from it the users. A user is there as long as any connection
/// is, on whatever node. Not safe for several threads.
/// </summary>
internal sealed class PresenceView
{
    private readonly Dictionary<string, PresenceEntry> _connections = [];
    private readonly Dictionary<string, int> _users = [];
    private readonly Dictionary<Incarnation, int> _nodes = [];

    /// <summary>Users touched since the last <see cref="TakeChanges"/>, and whether they were there then.</summary>
    private readonly Dictionary<string, bool> _touched = [];

    /// <summary>Of those, who was told of as they are now before everybody is: they have to be told of even if they are as they were.</summary>
    private readonly HashSet<string> _shown = [];

    public int UserCount => _users.Count;

    public IReadOnlyCollection<string> Users => _users.Keys;

    /// <summary>Nodes that have connections here.</summary>
    public IReadOnlyCollection<Incarnation> Nodes => _nodes.Keys;

    public IReadOnlyCollection<PresenceEntry> Connections => _connections.Values;

    public bool HasChanges => _touched.Count > 0;

    public bool IsPresent(string user) => _users.ContainsKey(user);

    /// <summary>Adds a connection, in place of an older entry under the same id.</summary>
    public void Add(PresenceEntry entry)
    {
        if (_connections.TryGetValue(entry.Connection, out var known))
        {
            if (known == entry)
            {
                return;
            }

            Remove(entry.Connection);
        }

        _connections[entry.Connection] = entry;
        Touch(entry.User);
        Count(_users, entry.User, 1);
        Count(_nodes, entry.Node, 1);
    }

    public void Remove(string connection)
    {
        if (_connections.Remove(connection, out var entry))
        {
            Touch(entry.User);
            Count(_users, entry.User, -1);
            Count(_nodes, entry.Node, -1);
        }
    }

    /// <summary>Forgets whatever is not in the list.</summary>
    public void Replace(IReadOnlyCollection<PresenceEntry> entries)
    {
        var kept = entries.Select(entry => entry.Connection).ToHashSet();
        foreach (var connection in _connections.Keys.Where(connection => !kept.Contains(connection)).ToArray())
        {
            Remove(connection);
        }

        foreach (var entry in entries)
        {
            Add(entry);
        }
    }

    /// <summary>Somebody is shown the users as they are at this moment, between two calls of <see cref="TakeChanges"/>.</summary>
    public void NoteShown()
    {
        foreach (var (user, was) in _touched)
        {
            if (IsPresent(user) != was)
            {
                _shown.Add(user);
            }
        }
    }

    /// <returns>Users who are there now and were not at the last call or when somebody was shown them, and the other way round.</returns>
    public (IReadOnlyList<string> Joined, IReadOnlyList<string> Left) TakeChanges()
    {
        var changed = _touched.Where(touched => touched.Value != IsPresent(touched.Key) || _shown.Contains(touched.Key)).Select(touched => touched.Key).ToLookup(IsPresent);
        (IReadOnlyList<string>, IReadOnlyList<string>) changes = ([.. changed[true]], [.. changed[false]]);
        _touched.Clear();
        _shown.Clear();
        return changes;
    }

    private void Touch(string user) => _touched.TryAdd(user, IsPresent(user));

    private static void Count<T>(Dictionary<T, int> counts, T key, int change)
        where T : notnull
    {
        var count = counts.GetValueOrDefault(key) + change;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}
