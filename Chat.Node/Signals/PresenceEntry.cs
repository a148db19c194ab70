namespace Chat.Node.Signals;

/// <summary>One life of a node: its entries count only while its lease is of the same life.</summary>
internal readonly record struct Incarnation(string Node, string Id)
{
    public override string ToString() => $"{Node} {Id}";
}

/// <summary>One connection that is in a room. Valid only while its node's lease is.</summary>
internal sealed record PresenceEntry(string Connection, string User, Incarnation Node)
{
    /// <returns>Null when the value was not written by us.</returns>
    public static PresenceEntry? Decode(string connection, string value) =>
        value.Split(' ') is [var user, var node, var incarnation]
            ? new PresenceEntry(connection, user, new Incarnation(node, incarnation))
            : null;
}
