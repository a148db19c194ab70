namespace Chat.Node.Signals;

/// <summary>
/// What one node has to say of a room, gathered until it is written: the last word for each connection, the highest offset
/// for each user. Not safe for several threads.
/// </summary>
internal sealed class RoomChanges
{
    private readonly Dictionary<string, string?> _connections = [];
    private readonly Dictionary<string, long> _reads = [];

    public bool IsEmpty => _connections.Count == 0 && _reads.Count == 0;

    public void Open(string connection, string user) => _connections[connection] = user;

    public void Close(string connection) => _connections[connection] = null;

    public void Read(string user, long offset)
    {
        if (!_reads.TryGetValue(user, out var known) || known < offset)
        {
            _reads[user] = offset;
        }
    }

    /// <summary>Takes out at most as many changes as fit one write.</summary>
    public RoomChangesBatch Take(int most)
    {
        var connections = _connections.Take(most).ToArray();
        var reads = _reads.Take(most - connections.Length).ToArray();
        foreach (var (connection, _) in connections)
        {
            _connections.Remove(connection);
        }

        foreach (var (user, _) in reads)
        {
            _reads.Remove(user);
        }

        return new RoomChangesBatch(
            [.. connections.Where(change => change.Value is not null).Select(change => KeyValuePair.Create(change.Key, change.Value!))],
            [.. connections.Where(change => change.Value is null).Select(change => change.Key)],
            reads);
    }

    /// <summary>Puts back what could not be written. What was said since then is newer and stays.</summary>
    public void PutBack(RoomChangesBatch batch)
    {
        foreach (var (connection, user) in batch.Opened)
        {
            _connections.TryAdd(connection, user);
        }

        foreach (var connection in batch.Closed)
        {
            _connections.TryAdd(connection, null);
        }

        foreach (var (user, offset) in batch.Reads)
        {
            Read(user, offset);
        }
    }
}

/// <param name="Opened">Connection and user.</param>
/// <param name="Reads">User and offset.</param>
internal sealed record RoomChangesBatch(
    IReadOnlyList<KeyValuePair<string, string>> Opened,
    IReadOnlyList<string> Closed,
    IReadOnlyList<KeyValuePair<string, long>> Reads)
{
    public int Count => Opened.Count + Closed.Count + Reads.Count;
}
