using System.Collections.Concurrent;
using System.Globalization;
using Chat.Client;
using Chat.Protocol;
using Chat.Tests.Cluster.Checking;

namespace Chat.Tests.Cluster;

/// <summary>A user who joins, leaves and writes at random, and remembers what was sent, acked and shown.</summary>
internal sealed class ChaosClient : IAsyncDisposable
{
    private const int PendingMax = 20;
    private const int WaitMsMax = 700;

    private readonly ChatClient _client;
    private readonly Random _random;
    private readonly IReadOnlyList<string> _rooms;
    private readonly ConcurrentDictionary<string, RoomView> _in = [];
    private readonly ConcurrentBag<RoomView> _views = [];
    private readonly ConcurrentBag<Sent> _sent = [];
    private int _next;

    public ChaosClient(TestCluster cluster, string user, IReadOnlyList<string> rooms, int seed)
    {
        (User, _rooms, _random) = (user, rooms, new Random(seed));

        // The client asks for a node on threads of its own; the deeds have a source for themselves, to be the same each time.
        var connecting = new Random(seed);
        _client = cluster.Connect(user, random: count =>
        {
            lock (connecting)
            {
                return connecting.Next(count);
            }
        },
        received: frame => (RoomView.RoomOf(frame) is { } room ? _in.GetValueOrDefault(room) : null)?.Wire.Receive(frame));
    }

    public string User { get; }

    public int Acked => _sent.Count(message => message.Stored.IsCompletedSuccessfully);

    /// <summary>Does something every now and then until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Join(_rooms[_random.Next(_rooms.Count)]);
        while (!stop.IsCancellationRequested)
        {
            var wait = TimeSpan.FromMilliseconds(_random.Next(WaitMsMax / 5, WaitMsMax));
            await Task.Delay(wait, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Act(_random.Next(100), _rooms[_random.Next(_rooms.Count)]);
        }
    }

    /// <summary>Waits until everything that was sent is acked and everything asked for is joined.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var view in _in.Values)
        {
            await view.Joined.WaitAsync(cancellationToken);
        }

        foreach (var message in _sent)
        {
            await message.Stored.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until the rooms it is in have shown everything up to these offsets.</summary>
    public async Task CatchUpAsync(IReadOnlyDictionary<string, long> tops, CancellationToken cancellationToken)
    {
        foreach (var (room, view) in _in)
        {
            await view.ReachesAsync(tops[room], cancellationToken);
        }
    }

    /// <summary>What it waits for, for the report of a run that does not settle.</summary>
    public string Describe(IReadOnlyDictionary<string, long>? tops = null)
    {
        var joining = _in.Where(entry => !entry.Value.Joined.IsCompleted).Select(entry => entry.Key);
        var pending = _sent.Where(message => !message.Stored.IsCompleted).Select(message => $"{message.Room}/{message.Id}");
        var behind = tops is null
            ? []
            : _in.Where(entry => entry.Value.LastOffset < tops[entry.Key])
                .Select(entry => $"{entry.Key} {entry.Value.LastOffset}/{tops[entry.Key]}");
        return $"{User} {_client.Status}: joining [{string.Join(' ', joining)}], not acked [{string.Join(' ', pending)}], behind [{string.Join(' ', behind)}]";
    }

    public IReadOnlyCollection<string> RoomsIn => [.. _in.Keys];

    /// <summary>Where it is shown other people than are there: ghosts, or people it does not see.</summary>
    /// <param name="people">Who is in each room.</param>
    public IEnumerable<string> WrongPeople(ILookup<string, string> people) => _in
        .Where(entry => entry.Value.Joined.Result.Members is not { } shown || !shown.SetEquals(people[entry.Key]))
        .Select(entry =>
            $"{User} in {entry.Key} sees [{string.Join(' ', (entry.Value.Joined.Result.Members ?? new HashSet<string>()).Order())}], "
            + $"there are [{string.Join(' ', people[entry.Key].Order())}]");

    public IEnumerable<ClientView> ViewsOf(string room) =>
        _views.Where(view => view.Room == room).Select(view => new ClientView(User, view.Events, _in.GetValueOrDefault(room) == view) { Wire = view.Wire.Frames });

    public IEnumerable<SentMessage> SentTo(string room) => _sent.Where(message => message.Room == room).Select(
        message => new SentMessage(User, message.Id, message.Id, message.Stored.IsCompletedSuccessfully ? message.Stored.Result : null));

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        foreach (var view in _views)
        {
            await view.Reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Act(int dice, string room)
    {
        if (!_in.TryGetValue(room, out var view))
        {
            if (dice < 25 || _in.IsEmpty)
            {
                Join(room);
            }
        }
        else if (dice < 10 && view.Joined.IsCompleted && !_sent.Any(message => message.Room == room && !message.Stored.IsCompleted))
        {
            _in.TryRemove(room, out _);
            view.Joined.Result.Leave();
        }
        else if (view.Joined.IsCompleted)
        {
            Send(room, view.Joined.Result);
        }
    }

    private void Join(string room)
    {
        var view = new RoomView(room, _client.JoinAsync(room));
        _in[room] = view;
        _views.Add(view);
    }

    private void Send(string room, ChatRoom joined)
    {
        if (_sent.Count(message => !message.Stored.IsCompleted) < PendingMax)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{User}-{_next++}");
            _sent.Add(new Sent(room, id, joined.SendAsync(new OutgoingMessage(id) { Id = id })));
        }
    }

    private sealed record Sent(string Room, string Id, Task<Position> Stored);
}
