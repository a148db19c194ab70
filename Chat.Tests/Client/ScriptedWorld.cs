using System.Text.Json.Nodes;
using Chat.Client;
using Chat.Tests.Client.Scenarios;

namespace Chat.Tests.Client;

/// <summary>A client whose node and time are played by the test, step by step: what a call causes is done when it returns.</summary>
internal sealed class ScriptedWorld : IAsyncDisposable
{
    private readonly Queue<ScriptedSocket> _attempts = new();

    public ScriptedWorld(Func<ChatClientOptions, ChatClientOptions>? change = null)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var options = new ChatClientOptions
        {
            Url = new Uri("http://localhost"),
            Token = _ => Task.FromResult("token"),
            OpenSocket = () => new ScriptedSocket(_attempts.Enqueue),
            Random = () => 0.5,
            Time = Time,
        };
        Client = new ChatClient(change?.Invoke(options) ?? options);
    }

    public ScenarioTime Time { get; } = new();

    public ChatClient Client { get; }

    public int Attempts => _attempts.Count;

    /// <summary>The newest connection.</summary>
    public ScriptedSocket Socket { get; private set; } = null!;

    /// <summary>Takes the connection that waits, and says hello.</summary>
    public void Accept()
    {
        AcceptSilently();
        Say(new { type = "hello" });
    }

    public ScriptedSocket AcceptSilently()
    {
        Socket = _attempts.Dequeue();
        Socket.Accept();
        return Socket;
    }

    public void Say(object frame) => Socket.Say(FrameTemplate.Complete(
        System.Text.Json.JsonSerializer.SerializeToNode(frame)!.AsObject(), new Dictionary<string, JsonObject>()));

    public IReadOnlyList<JsonObject> Heard(string type) => [.. Socket.Heard.Where(frame => frame["type"]!.GetValue<string>() == type)];

    public void Pass(double seconds)
    {
        for (var passed = 0.0; passed < seconds; passed += 0.1)
        {
            Time.Advance(TimeSpan.FromSeconds(0.1));
        }
    }

    /// <summary>A connected client in a room whose log has so many messages.</summary>
    public ChatRoom Join(string room = "lobby", int messages = 0)
    {
        _ = Client.JoinAsync(room);
        if (Attempts > 0)
        {
            Accept();
        }

        Say(new { type = "joined", room, messages = Enumerable.Range(1, messages) });
        return Client.Rooms.Single(entered => entered.Name == room);
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
