using System.Collections.Concurrent;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Protocol;
using Microsoft.Extensions.Options;

namespace Chat.Experiments.Strategies.Local;

/// <summary>
/// A map in memory, as every chat on one server has it: what each guide to scaling out begins with (SignalR, Socket.IO).
/// On one node all is well. Members on other nodes get nothing, a retry or a resume on another node finds nothing, and a
/// restart forgets everything.
/// </summary>
internal sealed class LocalBackplane(IOptions<NodeOptions> options, TimeProvider time) : IBackplane
{
    private readonly NodeOptions _options = options.Value;
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
            [.. _rooms.Keys.Where(room => !RoomName.TryGetDirectUsers(room, out _, out _)).Take(_options.RoomsListedMax)]);

    private LocalRoom Room(string room) => _rooms.GetOrAdd(room, _ => new LocalRoom(_options, time));
}
