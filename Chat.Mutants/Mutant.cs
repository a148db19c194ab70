using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Mutants;

/// <summary>A backplane that does everything right; each mutant changes one thing.</summary>
internal abstract class Mutant(IBackplane right) : IBackplane
{
    /// <summary>One in so many is treated wrongly: a few in each room within seconds of the lab's usual load.</summary>
    protected const int Period = 20;

    private int _published;

    protected IBackplane Right => right;

    public virtual Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) => right.PublishAsync(message, cancellationToken);

    public Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        right.SubscribeAsync(room, subscriber with { Deliver = Wrap(room, subscriber) }, cancellationToken);

    public Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken) => right.ReadAfterAsync(room, after, cancellationToken);

    public Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
        right.ReadBeforeAsync(room, before, limit, cancellationToken);

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) => right.ListRoomsAsync(cancellationToken);

    /// <returns>What gets the room's publications in place of the subscriber's own: called one at a time.</returns>
    protected virtual Action<Publication> Wrap(string room, RoomSubscriber subscriber) => subscriber.Deliver;

    /// <summary>True for every so manieth message that is published on this node.</summary>
    protected bool IsChosen() => Interlocked.Increment(ref _published) % Period == 0;
}
