using Chat.Node.Backplane;
using Chat.Node.Presence;
using Chat.Wires;

namespace Chat.Node.Rooms;

/// <summary>
/// The members of one room on this node, loop by loop. What is for them is handed to each loop that has some, once, and goes on there: all
/// of it safe to call from any thread, but for adding and removing, which is the member's loop's.
/// </summary>
internal sealed class Room
{
    private readonly Lock _gate = new();
    private readonly NodeIdentity _node;
    private readonly NodeMetrics _metrics;
    private readonly TimeProvider _time;
    private volatile LoopMembers[] _loops = [];

    public Room(string name, NodeIdentity node, NodeMetrics metrics, TimeProvider time, PresenceRooms presence)
    {
        (Name, _node, _metrics, _time) = (name, node, metrics, time);
        Presence = presence.Create(this);
    }

    public string Name { get; }

    /// <summary>Who is here, on all nodes.</summary>
    public RoomPresence Presence { get; }

    public void Add(Membership member) => MembersOn(member.Loop).Add(member);

    public void Remove(Membership member) => MembersOn(member.Loop).Remove(member);

    /// <summary>Hands one publication to all local members: encoded once, and nothing waits for a peer.</summary>
    public void Deliver(Publication publication)
    {
        // Both are read once: who comes after this reads the log and finds it there.
        var loops = _loops;
        var members = 0;
        foreach (var loop in loops)
        {
            members += loop.Count;
        }

        var delivery = new Delivery(publication, this, members, (_node, _metrics, _time));
        foreach (var loop in loops)
        {
            delivery.Hand(loop);
        }

        delivery.HandedToAll();
    }

    /// <summary>Tells the members something that is no message, after what they were told before.</summary>
    /// <param name="only">The one user whom it concerns; null for all.</param>
    public void Tell(OutboundFrame frame, string? only = null) => Tell(long.MaxValue, frame, only);

    /// <inheritdoc cref="Tell(OutboundFrame, string?)"/>
    /// <param name="version">Grows: whoever joins gets what is newer than the snapshot in the answer.</param>
    public void Tell(long version, OutboundFrame frame, string? only = null) => Visit(
        (version, frame, only),
        frame,
        static (member, told, shared) =>
        {
            if (told.only is null || member.User == told.only)
            {
                member.Tell(told.version, told.frame, shared);
            }
        });

    /// <summary>Tells the members what counts only now; whoever has not joined yet misses it.</summary>
    /// <param name="except">A user who knows it.</param>
    public void TellNow(OutboundFrame frame, string except) => Visit(
        (frame, except),
        frame,
        static (member, told, shared) =>
        {
            if (member.User != told.except)
            {
                member.TellNow(told.frame, shared);
            }
        });

    /// <summary>Tells the members plainly that what they have and what comes next do not join.</summary>
    public void Reset(CatchUp newest)
    {
        foreach (var members in _loops)
        {
            // The people as they are when it is the members' turn: what they were told before that is older.
            members.Loop.TryPost(
                _ =>
                {
                    var people = Presence.Snapshot();
                    members.Visit((newest, people), static (member, anew) => member.Reset(anew.newest, anew.people));
                },
                null);
        }

        Presence.TellPositions();
    }

    private void Visit<T>(T what, OutboundFrame frame, Action<Membership, T, SharedBytes> hand)
    {
        foreach (var members in _loops)
        {
            if (members.Count > 0)
            {
                members.Loop.TryPost(
                    _ =>
                    {
                        using var shared = members.Loop.Share(frame.Bytes.Span);
                        members.Visit((what, hand, shared), static (member, told) => told.hand(member, told.what, told.shared));
                    },
                    null);
            }
        }
    }

    private LoopMembers MembersOn(WireLoop loop)
    {
        foreach (var members in _loops)
        {
            if (members.Loop == loop)
            {
                return members;
            }
        }

        lock (_gate)
        {
            // Only the loop itself adds its own.
            var members = new LoopMembers(loop);
            _loops = [.. _loops, members];
            return members;
        }
    }
}
