using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Chat.Node.Connections;

/// <summary>Every connection this node holds, and whose it is. Safe to call from any thread.</summary>
internal sealed class ConnectionTable
{
    private readonly ConcurrentDictionary<string, Connection> _connections = new();
    private readonly ConcurrentDictionary<string, ImmutableArray<Connection>> _byUser = new();

    public int Count => _connections.Count;

    /// <summary>Those that are there while one looks; takes no lock and copies nothing.</summary>
    public IEnumerable<Connection> All => _connections.Select(connection => connection.Value);

    public bool Contains(string connection) => _connections.ContainsKey(connection);

    public ImmutableArray<Connection> Of(string user) => _byUser.TryGetValue(user, out var connections) ? connections : [];

    public void Add(Connection connection)
    {
        _connections[connection.Id] = connection;
        _byUser.AddOrUpdate(connection.User, [connection], (_, others) => others.Add(connection));
    }

    public void Remove(Connection connection)
    {
        _connections.TryRemove(connection.Id, out _);
        while (_byUser.TryGetValue(connection.User, out var connections))
        {
            var rest = connections.Remove(connection);
            if (rest.IsEmpty
                ? _byUser.TryRemove(KeyValuePair.Create(connection.User, connections))
                : _byUser.TryUpdate(connection.User, rest, connections))
            {
                return;
            }
        }
    }
}
