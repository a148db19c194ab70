using System.Collections.Concurrent;
using Chat.Client;
using Chat.Protocol;
using Chat.Tests.Cluster.Checking;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>A user in one room, with what was sent, acked and shown.</summary>
internal sealed class TestUser : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Id, Task<Position> Stored)> _sent = new();
    private readonly string _name;

    private TestUser(string name, ChatClient client, RoomView view) => (_name, Client, View) = (name, client, view);

    public ChatClient Client { get; }

    public RoomView View { get; }

    public bool WasReset => View.Events.OfType<ContinuityLost>().Any();

    /// <summary>Enters the room, by the node given, or by any that runs where there is none.</summary>
    public static async Task<TestUser> JoinAsync(TestCluster cluster, string name, string room, int? node = null)
    {
        RoomView? view = null;
        var client = cluster.Connect(
            name, node ?? 0, node is null ? Random.Shared.Next : null, frame => (RoomView.RoomOf(frame) == room ? Volatile.Read(ref view) : null)?.Wire.Receive(frame));
        Volatile.Write(ref view, new RoomView(room, client.JoinAsync(room)));
        var user = new TestUser(name, client, view);
        await Within.Seconds(30, user.View.Joined.WaitAsync, $"{name} is in {room}");
        return user;
    }

    /// <summary>Sends so many messages, one after the other, without waiting for acks.</summary>
    public void Send(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var id = $"{_name}-{_sent.Count}";
            _sent.Enqueue((id, View.Joined.Result.SendAsync(new OutgoingMessage(id) { Id = id })));
        }
    }

    public Task AckedAsync() => Within.Seconds(60, AllAckedAsync, $"everything of {_name} is acked");

    public Task AckedAsync(int count) =>
        Within.True(30, () => Task.FromResult(_sent.Count(message => message.Stored.IsCompletedSuccessfully) >= count), $"{count} of {_name} are acked");

    public Task ShownAsync(long offset) => Within.Seconds(60, token => View.ReachesAsync(offset, token), $"{_name} is shown offset {offset}");

    /// <summary>Waits until all is acked and shown, and holds it against the log.</summary>
    public static async Task AssertRightAsync(TestCluster cluster, string room, IReadOnlyList<TestUser> users, bool redisLostData = false)
    {
        foreach (var user in users)
        {
            await user.AckedAsync();
        }

        var log = await cluster.ReadLogAsync(room);
        foreach (var user in users)
        {
            await user.ShownAsync(log.Count);
        }

        var history = new RoomHistory(
            room,
            log,
            [.. users.SelectMany(user => user._sent.Select(message => new SentMessage(user._name, message.Id, message.Id, message.Stored.Result)))],
            [.. users.Select(user => new ClientView(user._name, user.View.Events, Present: true) { Wire = user.View.Wire.Frames })],
            redisLostData);
        Assert.Empty(history.Check());
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await View.Reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AllAckedAsync(CancellationToken cancellationToken)
    {
        foreach (var (_, stored) in _sent)
        {
            await stored.WaitAsync(cancellationToken);
        }
    }
}
