using System.Collections.Concurrent;
using Chat.Node.Backplane;

namespace Chat.Mutants;

/// <summary>Leaves some publications out, for all members on this node.</summary>
internal sealed class DropSome(IBackplane right) : Mutant(right)
{
    protected override Action<Publication> Wrap(string room, RoomSubscriber subscriber)
    {
        var count = 0;
        return publication =>
        {
            if (++count % Period != 0)
            {
                subscriber.Deliver(publication);
            }
        };
    }
}

/// <summary>Delivers some publications after the one that follows them.</summary>
internal sealed class SwapTwo(IBackplane right) : Mutant(right)
{
    protected override Action<Publication> Wrap(string room, RoomSubscriber subscriber)
    {
        var count = 0;
        Publication? held = null;
        return publication =>
        {
            if (++count % Period == 0)
            {
                held = publication;
                return;
            }

            subscriber.Deliver(publication);
            if (held is { } late)
            {
                held = null;
                subscriber.Deliver(late);
            }
        };
    }
}

/// <summary>Delivers some publications again: clients drop what they have.</summary>
internal sealed class SendTwice(IBackplane right) : Mutant(right)
{
    protected override Action<Publication> Wrap(string room, RoomSubscriber subscriber)
    {
        var count = 0;
        return publication =>
        {
            subscriber.Deliver(publication);
            if (++count % Period == 0)
            {
                subscriber.Deliver(publication);
            }
        };
    }
}

/// <summary>Delivers some publications to the members of another room as well.</summary>
internal sealed class WrongRoom(IBackplane right) : Mutant(right)
{
    private readonly ConcurrentDictionary<string, RoomSubscriber> _rooms = new();

    protected override Action<Publication> Wrap(string room, RoomSubscriber subscriber)
    {
        _rooms[room] = subscriber;
        var count = 0;
        return publication =>
        {
            subscriber.Deliver(publication);
            if (++count % Period == 0 && _rooms.FirstOrDefault(other => other.Key != room).Value is { } elsewhere)
            {
                elsewhere.Deliver(publication);
            }
        };
    }
}

/// <summary>Tells the members now and then that something is lost, when nothing is.</summary>
internal sealed class TellFalsely(IBackplane right) : Mutant(right)
{
    protected override Action<Publication> Wrap(string room, RoomSubscriber subscriber)
    {
        var count = 0;
        return publication =>
        {
            subscriber.Deliver(publication);
            if (++count % Period == 0)
            {
                subscriber.Reset(new CatchUp(publication.Position, Recovered: false, []));
            }
        };
    }
}
