using System.Collections.Concurrent;

namespace Chat.Node.Connections;

/// <summary>Every connection this node holds.</summary>
internal sealed class ConnectionTable
{
    private readonly ConcurrentDictionary<string, Connection> _connections = new();

    public int Count => _connections.Count;

    public ICollection<Connection> All => _connections.Values;

    public void Add(Connection connection) => _connections[connection.Id] = connection;

    public void Remove(Connection connection) => _connections.TryRemove(connection.Id, out _);
}
