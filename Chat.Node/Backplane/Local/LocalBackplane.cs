using System.Collections.Concurrent;
using Chat.Protocol;

namespace Chat.Node.Backplane.Local;

/// <summary>
/// A map in memory, as every one-server chat has it. Members on other nodes get nothing, and a restart forgets all:
/// the first thing that breaks when a second node is added.
/// </summary>
internal sealed class LocalBackplane(NodeOptions options, TimeProvider time) : IBackplane
{
    private readonly ConcurrentDictionary<string, LocalRoom> _rooms = new();

    public Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken) =>
        Task.FromResult(Room(message.Room).Publish(message));

    public Task<IAsyncDisposable> SubscribeAsync(
        string room, RoomSubscriber subscriber, CancellationToken cancellationToken) =>
        Task.FromResult(Room(room).Subscribe(subscriber.Deliver));

    public Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken) =>
        Task.FromResult(Room(room).ReadAfter(after));

    public Task<HistoryPage> ReadBeforeAsync(
        string room, long before, int limit, CancellationToken cancellationToken) =>
        Task.FromResult(Room(room).ReadBefore(before, limit));

    public Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(
            [.. _rooms.Keys.Where(room => !RoomName.TryGetDirectUsers(room, out _, out _)).Take(options.RoomsListedMax)]);

    private LocalRoom Room(string room) => _rooms.GetOrAdd(room, _ => new LocalRoom(options, time));
}
