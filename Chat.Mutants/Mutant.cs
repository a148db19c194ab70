using Chat.Experiments;
using Chat.Node.Backplane;

namespace Chat.Mutants;

/// <summary>A backplane that does everything right; each mutant changes one thing.</summary>
internal abstract class Mutant(IBackplane right) : WrappedBackplane(right)
{
    /// <summary>One in so many is treated wrongly: a few in each room within seconds of the lab's usual load.</summary>
    protected const int Period = 20;

    private int _published;

    protected IBackplane Right => Inner;

    public override Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        Inner.SubscribeAsync(room, subscriber with { Deliver = Wrap(room, subscriber) }, cancellationToken);

    /// <returns>What gets the room's publications in place of the subscriber's own: called one at a time.</returns>
    protected virtual Action<Publication> Wrap(string room, RoomSubscriber subscriber) => subscriber.Deliver;

    /// <summary>True for every so manieth message that is published on this node.</summary>
    protected bool IsChosen() => Interlocked.Increment(ref _published) % Period == 0;
}
