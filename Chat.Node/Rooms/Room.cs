using Chat.Node.Backplane;

namespace Chat.Node.Rooms;

/// <summary>The members of one room on this node. Safe to call from any thread.</summary>
internal sealed class Room(string name, NodeIdentity node, NodeMetrics metrics, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile Membership[] _members = [];

    public string Name => name;

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
        using var activity = Tracing.StartDeliver(publication, name, node.Id, members.Length);
        var frame = OutboundFrame.Text(publication.Frame.Span);
        OutboundFrame? withHops = null;
        foreach (var member in members)
        {
            if (member.Traced)
            {
                withHops ??= OutboundFrame.Text(Hops.Add(publication, node.Id, time.GetUtcNow()));
            }

            member.Deliver(publication.Position, member.Traced ? withHops! : frame);
        }

        metrics.Delivered(members.Length);
    }

    /// <summary>Tells the members plainly that what they have and what comes next do not join.</summary>
    public void Reset(CatchUp newest)
    {
        foreach (var member in _members)
        {
            member.Reset(newest);
        }
    }
}
