using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;

namespace Chat.Experiments.Strategies.LocalFirst;

/// <summary>
/// Delivers to this node's members at once, then publishes for the others: as Socket.IO's Redis adapter and Phoenix.PubSub do.
/// The sender's own node is fastest. But each node sees its own messages before those under way to it: two nodes, two orders.
/// With Redis away the room falls apart into one for each node, and everyone is told that all is well.
/// </summary>
internal sealed partial class LocalFirstBackplane(
    RoomChannel channel, NodeIdentity node, TimeProvider time, ILogger<LocalFirstBackplane> logger) : IBackplane
{
    private const string Epoch = "local-first";

    private static readonly Position Nowhere = new(Epoch, Position.Unnumbered);

    private readonly LocalMembers _members = new();

    public async Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken)
    {
        var bytes = Publication.Encode(Nowhere, time.GetUtcNow(), message.Origin, message.Frame);
        var publication = Publication.Decode(bytes)!;
        foreach (var member in _members.In(message.Room))
        {
            member.Deliver(publication);
        }

        try
        {
            await channel.PublishAsync(message.Room, bytes, cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            // It was delivered here. A refusal would bring it a second time; so the other nodes do without.
            LogNotPublished(message.Room);
        }

        return new Stored(Nowhere, Duplicate: false);
    }

    public async Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken)
    {
        var member = new LocalMember(subscriber.Deliver);
        var remote = await channel.SubscribeAsync(room, publication => DeliverRemote(member, publication), cancellationToken);
        _members.Add(room, member);
        return new Subscription(_members, room, member, remote);
    }

    public Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken) =>
        Unkept.ReadAfter(Epoch, after);

    public Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
        Unkept.History;

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) => Unkept.Rooms;

    private void DeliverRemote(LocalMember member, Publication publication)
    {
        if (publication.Origin.Node != node.Id)
        {
            member.Deliver(publication);
        }
    }

    private sealed class Subscription(LocalMembers members, string room, LocalMember member, IAsyncDisposable remote)
        : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            members.Remove(room, member);
            return remote.DisposeAsync();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Room {Room}: Redis does not answer; a message reached the members on this node alone")]
    private partial void LogNotPublished(string room);
}
