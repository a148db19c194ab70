using Chat.Wires;

namespace Chat.Node.Rooms;

/// <summary>The members of one room whose connections live on one loop. On that loop alone, but for <see cref="Count"/>: so nothing here takes a lock.</summary>
internal sealed class LoopMembers(WireLoop loop)
{
    public const int Nowhere = -1;

    private readonly List<Membership?> _members = [];
    private int _count;
    private bool _visiting;
    private bool _holes;

    public WireLoop Loop => loop;

    /// <summary>From any thread. Who is added before a message is stored is counted when it comes.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(Membership member)
    {
        loop.AssertCurrent();
        member.Place = _members.Count;
        _members.Add(member);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Once; one that is not here changes nothing.</summary>
    public void Remove(Membership member)
    {
        loop.AssertCurrent();
        if (member.Place == Nowhere)
        {
            return;
        }

        _members[member.Place] = null;
        if (_visiting)
        {
            _holes = true;
        }
        else
        {
            Fill(member.Place);
        }

        member.Place = Nowhere;
        Interlocked.Decrement(ref _count);
    }

    /// <summary>Hands something to each member. Who is removed meanwhile gets it no more.</summary>
    public void Visit<T>(T what, Action<Membership, T> hand)
        where T : allows ref struct
    {
        loop.AssertCurrent();
        _visiting = true;

        // Who is added meanwhile stands behind the others, and is no member of this visit.
        for (int i = 0, count = _members.Count; i < count; i++)
        {
            if (_members[i] is { } member)
            {
                hand(member, what);
            }
        }

        _visiting = false;
        if (_holes)
        {
            Compact();
        }
    }

    /// <summary>The last takes the place that became free: the order of members means nothing.</summary>
    private void Fill(int place)
    {
        var last = _members[^1];
        _members.RemoveAt(_members.Count - 1);
        if (last is not null)
        {
            _members[place] = last;
            last.Place = place;
        }
    }

    private void Compact()
    {
        _holes = false;
        _members.RemoveAll(static member => member is null);
        for (var i = 0; i < _members.Count; i++)
        {
            _members[i]!.Place = i;
        }
    }
}
