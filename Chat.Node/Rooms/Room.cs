using Chat.Node.Backplane;
using Chat.Node.Presence;

namespace Chat.Node.Rooms;

/// <summary>The members of one room on this node. Safe to call from any thread.</summary>
internal sealed class Room
{
    private readonly Lock _gate = new();
    private readonly NodeIdentity _node;
    private readonly NodeMetrics _metrics;
    private readonly TimeProvider _time;
    private volatile Membership[] _members = [];

    public Room(string name, NodeIdentity node, NodeMetrics metrics, TimeProvider time, PresenceRooms presence)
    {
        (Name, _node, _metrics, _time) = (name, node, metrics, time);
        Presence = presence.Create(this);
    }

    public string Name { get; }

    /// <summary>Who is here, on all nodes.</summary>
    public RoomPresence Presence { get; }

    public void Add(Membership member)
    {
        lock (_gate)
        {
            _members = [.. _members, member];
        }
    }

    public void Remove(Membership member)
    {
        lock (_gate)
        {
            _members = Array.FindAll(_members, other => other != member);
        }
    }

    /// <summary>Hands one publication to all local members: encoded once, a reference for each, and nothing waits for a peer.</summary>
    public void Deliver(Publication publication)
    {
        var members = _members;
        using var activity = Tracing.StartDeliver(publication, Name, _node.Id, members.Length);
        var watch = DeliveryWatch.Of(activity, _time);
        var timer = _metrics.StartDelivery(publication.Origin.ReceivedAt, _time);
        var frame = OutboundFrame.Text(publication.Frame.Span, timer);
        OutboundFrame? withHops = null;
        foreach (var member in members)
        {
            if (member.Traced)
            {
                withHops ??= OutboundFrame.Text(Hops.Add(publication, _node.Id, _time.GetUtcNow()), timer);
            }

            member.Deliver(publication.Position, member.Traced ? withHops! : frame);
            watch?.Delivered(member);
        }

        watch?.Tell();

        _metrics.Delivered(members.Length);
    }

    /// <summary>Tells the members something that is no message, after what they were told before.</summary>
    /// <param name="only">The one user whom it concerns; null for all.</param>
    public void Tell(OutboundFrame frame, string? only = null) => Tell(long.MaxValue, frame, only);

    /// <inheritdoc cref="Tell(OutboundFrame, string?)"/>
    /// <param name="version">Grows: whoever joins gets what is newer than the snapshot in the answer.</param>
    public void Tell(long version, OutboundFrame frame, string? only = null)
    {
        foreach (var member in _members)
        {
            if (only is null || member.User == only)
            {
                member.Tell(version, frame);
            }
        }
    }

    /// <summary>Tells the members what counts only now; whoever has not joined yet misses it.</summary>
    /// <param name="except">A user who knows it.</param>
    public void TellNow(OutboundFrame frame, string except)
    {
        foreach (var member in _members)
        {
            if (member.User != except)
            {
                member.TellNow(frame);
            }
        }
    }

    /// <summary>Tells the members plainly that what they have and what comes next do not join.</summary>
    public void Reset(CatchUp newest)
    {
        var people = Presence.Snapshot();
        foreach (var member in _members)
        {
            member.Reset(newest, people);
        }

        Presence.TellPositions();
    }
}
