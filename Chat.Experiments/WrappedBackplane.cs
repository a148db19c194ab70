using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Experiments;

/// <summary>A backplane that does what the one inside does; whoever derives from it changes one thing.</summary>
internal abstract class WrappedBackplane(IBackplane inner) : IBackplane
{
    protected IBackplane Inner => inner;

    public virtual Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) => inner.PublishAsync(message, cancellationToken);

    public virtual Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(room, subscriber, cancellationToken);

    public virtual Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken) =>
        inner.ReadAfterAsync(room, after, cancellationToken);

    public virtual Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
        inner.ReadBeforeAsync(room, before, limit, cancellationToken);

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) => inner.ListRoomsAsync(cancellationToken);
}
