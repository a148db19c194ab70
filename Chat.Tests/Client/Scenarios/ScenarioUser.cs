using System.Text.Json.Nodes;
using Chat.Client;

namespace Chat.Tests.Client.Scenarios;

/// <summary>A person with a client: what they do, and what they see.</summary>
internal sealed class ScenarioUser : IAsyncDisposable
{
    private readonly Dictionary<string, RoomSight> _rooms = [];
    private readonly Dictionary<string, string> _texts = [];
    private readonly List<string> _failed = [];
    private readonly List<string> _invited = [];
    private readonly Dictionary<string, Task> _joins = [];
    private readonly List<Task> _tasks = [];
    private Task<HistoryPage>? _history;

    public ScenarioUser(ChatClientOptions options)
    {
        Client = new ChatClient(options);
        Client.Invited += invitation => _invited.Add(invitation.Room);
        Client.MessageSettled += settled =>
        {
            if (settled.Position is null)
            {
                _failed.Add(_texts.GetValueOrDefault(settled.Id, settled.Id));
            }
        };
        foreach (var message in Client.Pending)
        {
            _texts[message.Id] = message.Text;
        }
    }

    public ChatClient Client { get; }

    public void Do(string deed, JsonObject step)
    {
        var name = step["room"]?.GetValue<string>() ?? "lobby";
        switch (deed)
        {
            case "start":
                _tasks.Add(Client.StartAsync());
                break;
            case "stop":
                _tasks.Add(Client.StopAsync());
                break;
            case "join":
                _joins[name] = Client.JoinAsync(name);
                break;
            case "leave":
                Room(name).Leave();
                _rooms.Remove(name);
                break;
            case "send":
                Send(Room(name), Text(step));
                break;
            case "read":
                Room(name).MarkRead(step["offset"]?.GetValue<long>() ?? Room(name).Last!.Offset);
                break;
            case "type":
                Room(name).NotifyTyping();
                break;
            case "history":
                _history = Room(name).ReadHistoryAsync(step["before"]?.GetValue<long>());
                break;
            default:
                Assert.Fail($"Nobody can do \"{deed}\".");
                break;
        }
    }

    /// <summary>What is seen of the things a step asks for, in the same shape.</summary>
    public JsonObject See(JsonObject asked)
    {
        var name = asked["room"]?.GetValue<string>() ?? "lobby";
        Look();
        var sight = _rooms.GetValueOrDefault(name) ?? new RoomSight();
        return new JsonObject(asked.Select(field => KeyValuePair.Create(field.Key, field.Key switch
        {
            "room" => name,
            "texts" => Array(sight.Messages.Select(message => message.Text)),
            "offsets" => Array(sight.Messages.Select(message => message.Offset)),
            "lost" => sight.Lost,
            "unread" => Client.Rooms.Single(room => room.Name == name).Unread,
            "members" => Array(Client.Rooms.Single(room => room.Name == name).Members!.Order()),
            "typing" => Array(sight.Typing),
            "joined" => _joins[name].IsCompletedSuccessfully,
            "refused" => (_joins[name].Exception?.InnerException as ChatException)?.Code,
            "pending" => Array(Client.Pending.Select(message => message.Text)),
            "failed" => Array(_failed),
            "invited" => Array(_invited),
            "status" => StatusName(),
            "degraded" => Client.Status.Degraded,
            "history" => History(),
            _ => throw new InvalidOperationException($"Nobody can see \"{field.Key}\"."),
        })));
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        foreach (var task in _tasks.Concat(_joins.Values))
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static JsonArray Array<T>(IEnumerable<T> values) => [.. values.Select(value => JsonValue.Create(value))];

    private static string Text(JsonObject step) =>
        step["bytes"] is { } bytes ? new string('x', bytes.GetValue<int>()) : step["text"]!.GetValue<string>();

    private void Send(ChatRoom room, string text)
    {
        var message = new OutgoingMessage(text);
        _texts[message.Id] = text;
        var sending = room.SendAsync(message);
        _tasks.Add(sending);

        // What is wrong from the start never waits.
        if (sending.IsFaulted)
        {
            _failed.Add(text);
        }
    }

    private string StatusName() => Client.Status.State switch
    {
        ConnectionState.Closed => "ended",
        var state => state.ToString().ToLowerInvariant(),
    };

    private JsonNode? History() => _history switch
    {
        { IsCompletedSuccessfully: true } => Array(_history.Result.Messages.Select(message => message.Offset)),
        { Exception.InnerException: ChatException error } => error.Code,
        _ => null,
    };

    private ChatRoom Room(string name) => Client.Rooms.Single(room => room.Name == name);

    private void Look()
    {
        foreach (var room in Client.Rooms)
        {
            if (!_rooms.TryGetValue(room.Name, out var sight))
            {
                _rooms[room.Name] = sight = new RoomSight();
            }

            sight.Look(room);
        }
    }
}
