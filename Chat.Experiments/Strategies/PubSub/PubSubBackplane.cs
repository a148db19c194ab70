using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Experiments.Strategies.PubSub;

/// <summary>
/// Everything through Redis pub/sub, nothing kept: as ASP.NET Core SignalR's Redis backplane works. All nodes see one order,
/// that of the channel. Messages have no number, so nobody can tell that one is missing: what is published while a node's
/// subscription blinks is lost without a word, a newcomer finds an empty room, and a retry is a second message.
/// </summary>
internal sealed class PubSubBackplane(RoomChannel channel, TimeProvider time) : IBackplane
{
    private const string Epoch = "pubsub";

    private static readonly Position Nowhere = new(Epoch, Position.Unnumbered);

    public async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var publication = Publication.Encode(Nowhere, time.GetUtcNow(), message.Origin, message.Frame);
        await channel.PublishAsync(message.Room, publication, cancellationToken);
        return new Stored(Nowhere, Duplicate: false);
    }

    public Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        channel.SubscribeAsync(room, subscriber.Deliver, cancellationToken);

    public Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken) =>
        Unkept.ReadAfter(Epoch, after);

    public Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
        Unkept.History;

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) => Unkept.Rooms;
}
