using Chat.Lab.Checking;
using Chat.Lab.Experiments;
using Chat.Lab.Results;

namespace Chat.Lab.Predicting;

/// <summary>What a formula may know of a run: who was where, who wrote when, and what was broken. Nothing of what anybody was shown.</summary>
internal sealed class Ground
{
    private readonly Dictionary<ClientRecord, (string Node, double From, double To)[]> _stays;
    private readonly Evidence _evidence;

    public Ground(Setting setting, Evidence evidence)
    {
        (Setting, _evidence) = (setting, evidence);
        _stays = evidence.Clients.ToDictionary(client => client, client => ConnectionChecker.Stays(client, evidence.EndedAt).ToArray());
    }

    public Setting Setting { get; }

    public IReadOnlyList<FaultSpan> Faults => _evidence.Faults;

    /// <summary>Every message that was acked, with the node its writer was on.</summary>
    public IEnumerable<(SentRecord Message, string? Node)> Acked =>
        from client in _evidence.Clients
        from message in client.Sent
        where message.Outcome == SendOutcome.Acked
        select (message, NodeAt(client, message.SentAt));

    /// <summary>One entry for each message and each other member who is owed it. Nodes as they were when it was sent: null for none.</summary>
    public IEnumerable<(double SentAt, string? From, string? To)> Due()
    {
        var members = (
            from client in _evidence.Clients
            where client.Present
            from view in client.Rooms
            where view is { JoinedAt: not null, Left: false }
            select (view.Room, view.JoinedAt, Client: client)).ToLookup(member => member.Room);
        return
            from writer in _evidence.Clients
            from message in writer.Sent
            where message.Outcome == SendOutcome.Acked
            from member in members[message.Room]
            where member.Client.User != writer.User && member.JoinedAt < message.SentAt
            select (message.SentAt, NodeAt(writer, message.SentAt), NodeAt(member.Client, message.SentAt));
    }

    /// <summary>Clients that were on the node at that time.</summary>
    public int CountOn(string node, double at) => _evidence.Clients.Count(client => NodeAt(client, at) == node);

    /// <summary>Members of the rooms that a user is in, himself among them.</summary>
    public int MembersWith(string user)
    {
        var rooms = _evidence.Clients.Where(client => client.User == user).SelectMany(client => client.Rooms.Select(view => view.Room)).ToHashSet();
        return _evidence.Clients.Count(client => client.Present && client.Rooms.Any(view => rooms.Contains(view.Room)));
    }

    private string? NodeAt(ClientRecord client, double at)
    {
        foreach (var (node, from, to) in _stays[client])
        {
            if (from <= at && at < to)
            {
                return node;
            }
        }

        return null;
    }
}
