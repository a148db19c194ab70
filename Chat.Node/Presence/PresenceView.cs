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

    /// <returns>Users who are there now and were not at the last call, and the other way round.</returns>
    public (IReadOnlyList<string> Joined, IReadOnlyList<string> Left) TakeChanges()
    {
        var joined = _touched.Where(touched => !touched.Value && IsPresent(touched.Key)).Select(touched => touched.Key).ToArray();
        var left = _touched.Where(touched => touched.Value && !IsPresent(touched.Key)).Select(touched => touched.Key).ToArray();
        _touched.Clear();
        return (joined, left);
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
