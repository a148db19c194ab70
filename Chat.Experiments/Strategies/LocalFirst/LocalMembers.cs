using System.Collections.Immutable;
using Chat.Node.Backplane;

namespace Chat.Experiments.Strategies.LocalFirst;

/// <summary>Who listens to which room on this node. Safe to call from any thread.</summary>
internal sealed class LocalMembers
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, ImmutableList<LocalMember>> _rooms =
        ImmutableDictionary<string, ImmutableList<LocalMember>>.Empty;

    public ImmutableList<LocalMember> In(string room) =>
        Volatile.Read(ref _rooms).GetValueOrDefault(room, []);

    public void Add(string room, LocalMember member)
    {
        lock (_gate)
        {
            _rooms = _rooms.SetItem(room, In(room).Add(member));
        }
    }

    public void Remove(string room, LocalMember member)
    {
        lock (_gate)
        {
            var rest = In(room).Remove(member);
            _rooms = rest.IsEmpty ? _rooms.Remove(room) : _rooms.SetItem(room, rest);
        }
    }
}

/// <summary>One subscription. Publications come to it from here and from Redis, by several threads: it takes one at a time.</summary>
internal sealed class LocalMember(Action<Publication> deliver)
{
    private readonly Lock _gate = new();

    public void Deliver(Publication publication)
    {
        lock (_gate)
        {
            deliver(publication);
        }
    }
}
