using System.Diagnostics;
using Chat.Node.Backplane;

namespace Chat.Node.Rooms;

/// <summary>One publication on its way to a room's members: encoded once for the node, handed once to each loop, copied once there, and referred to by each member.</summary>
internal sealed class Delivery
{
    private readonly Publication _publication;
    private readonly OutboundFrame _frame;
    private readonly NodeIdentity _node;
    private readonly NodeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly DeliveryWatch? _watch;

    public Delivery(Publication publication, Room room, int members, (NodeIdentity Node, NodeMetrics Metrics, TimeProvider Time) services)
    {
        _publication = publication;
        (_node, _metrics, _time) = services;
        var before = Activity.Current;
        _watch = DeliveryWatch.Of(Tracing.StartDeliver(publication, room.Name, _node.Id, members), _time);

        // It goes on on the loops; what this thread does next is no part of it.
        Activity.Current = before;
        _frame = OutboundFrame.Text(publication.Frame.Span, _metrics.StartDelivery(publication.Origin.ReceivedAt, _time));
    }

    /// <summary>Has one loop deliver it to its members. To be called in the room's order.</summary>
    public void Hand(LoopMembers members)
    {
        if (members.Count == 0)
        {
            return;
        }

        _watch?.Begin();
        if (!members.Loop.TryPost(
            static pair =>
            {
                var (delivery, members) = ((Delivery, LoopMembers))pair!;
                delivery.DeliverTo(members);
            },
            (this, members)))
        {
            _watch?.End();
        }
    }

    public void HandedToAll() => _watch?.End();

    private void DeliverTo(LoopMembers members)
    {
        var turn = new Turn(this, members);
        var before = Activity.Current;
        if (_watch is not null)
        {
            // What is measured meanwhile leads to the trace.
            Activity.Current = _watch.Activity;
        }

        try
        {
            members.Visit(turn, static (member, turn) => turn.DeliverTo(member));
        }
        finally
        {
            turn.Shared.Dispose();
            Activity.Current = before;
        }

        _metrics.Delivered(members.Count);
        _watch?.End(turn.Watch);
    }

    /// <summary>What one loop does about it.</summary>
    private sealed class Turn(Delivery delivery, LoopMembers members)
    {
        private OutboundFrame? _withHops;

        public Wires.SharedBytes Shared { get; } = members.Loop.Share(delivery._frame.Bytes.Span);

        public DeliveryWatch.Part? Watch { get; } = delivery._watch?.Watch();

        public void DeliverTo(Membership member)
        {
            if (member.Traced)
            {
                _withHops ??= OutboundFrame.Text(
                    Hops.Add(delivery._publication, delivery._node.Id, delivery._time.GetUtcNow()), delivery._frame.Timer);
                member.Deliver(delivery._publication.Position, _withHops);
            }
            else
            {
                member.Deliver(delivery._publication.Position, delivery._frame, Shared);
            }

            Watch?.Delivered(member);
        }
    }
}
