using System.Globalization;
using System.Text.Json.Nodes;
using Chat.Client;

namespace Chat.Tests.Client.Scenarios;

/// <summary>Plays one file of docs/scenarios: the node's part, the user's, and the time's. README.md there has the format.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>What a client does at once may still need another thread: this long in real time.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private readonly ScenarioTime _time = new();
    private readonly MemoryOutboxStore _store = new();
    private readonly Dictionary<string, JsonObject> _names = [];
    private readonly Queue<ScriptedSocket> _attempts = new();
    private readonly List<ScenarioUser> _past = [];
    private ScenarioUser _user;
    private ScriptedSocket? _socket;
    private int _tokens;
    private bool _tokenFails;

    public Scenario() => _user = NewUser();

    public void Play(JsonObject step)
    {
        var (deed, value) = step.First();
        switch (deed)
        {
            case "accept":
                Accept(value?.AsObject(), Within(step));
                break;
            case "refuse":
                Attempt(Within(step)).Refuse(new IOException("Connection refused."));
                break;
            case "send":
                Send(value!.AsObject());
                break;
            case "messages":
                SendMessages(value!, step);
                break;
            case "close":
                _socket!.End(value!.GetValue<int>());
                break;
            case "cut":
                _socket!.End(code: null);
                break;
            case "expect":
                Expect(value!.AsObject(), step["as"]?.GetValue<string>(), Within(step));
                break;
            case "silent":
                Assert.DoesNotContain(_socket!.Heard, frame => value!.AsArray().Any(type => JsonNode.DeepEquals(type, frame["type"])));
                break;
            case "count":
                Count(value!.AsObject());
                break;
            case "offline":
                Assert.False(IsConnecting());
                break;
            case "tokens":
                Assert.Equal(value!.GetValue<int>(), _tokens);
                break;
            case "do":
                Do(value!.GetValue<string>(), step);
                break;
            case "see":
                See(value!.AsObject(), Within(step));
                break;
            default:
                Set(deed, value!);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var user in _past.Append(_user))
        {
            await user.DisposeAsync();
        }
    }

    private static TimeSpan Within(JsonObject step) => step["within"] is { } within ? Duration(within) : TimeSpan.Zero;

    private static TimeSpan Duration(JsonNode text)
    {
        var value = text.GetValue<string>();
        var number = value.TrimEnd('m', 's', 'h');
        var size = double.Parse(number, CultureInfo.InvariantCulture);
        return value[number.Length..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(size),
            "s" => TimeSpan.FromSeconds(size),
            "m" => TimeSpan.FromMinutes(size),
            "h" => TimeSpan.FromHours(size),
            var unit => throw new FormatException($"No unit of time: {unit}"),
        };
    }

    private void Set(string what, JsonNode value)
    {
        switch (what)
        {
            case "advance":
                Advance(Duration(value));
                break;
            case "sleep":
            case "clock":
                _time.Jump(Duration(value));
                break;
            case "storage":
                _store.Throws = value.GetValue<string>() == "throws";
                break;
            case "token":
                _tokenFails = value.GetValue<string>() == "fails";
                break;
            default:
                Assert.Fail($"No step is called \"{what}\".");
                break;
        }
    }

    private void Do(string deed, JsonObject step)
    {
        if (deed == "restart")
        {
            // As after kill -9: the old one gets no chance to say or keep anything, and its end is nobody's business.
            _past.Add(_user);
            _socket!.End(code: null);
            _attempts.Clear();
            _user = NewUser();
            _user.Do("start", step);
            return;
        }

        for (var i = 0; i < (step["times"]?.GetValue<int>() ?? 1); i++)
        {
            _user.Do(deed, step);
        }
    }

    /// <param name="hello">Null: the node takes the connection and says nothing.</param>
    private void Accept(JsonObject? hello, TimeSpan within)
    {
        _socket = Attempt(within);
        _socket.Accept();
        if (hello is not null)
        {
            hello["type"] = "hello";
            Send(hello);
        }
    }

    private ScriptedSocket Attempt(TimeSpan within)
    {
        Until(IsConnecting, within, () => "the client connects");
        return _attempts.Dequeue();
    }

    /// <summary>Whether a try waits for the node's answer: those that were given up do not count.</summary>
    private bool IsConnecting()
    {
        while (_attempts.TryPeek(out var attempt) && attempt.IsClosed)
        {
            _attempts.Dequeue();
        }

        return _attempts.Count > 0;
    }

    private void Send(JsonObject template) => _socket!.Say(FrameTemplate.Complete(template, _names));

    /// <summary>Many messages, each read as it comes where the step says so.</summary>
    private void SendMessages(JsonNode range, JsonObject step)
    {
        var (first, last) = FrameTemplate.Range(range);
        for (var offset = first; offset <= last; offset++)
        {
            Send(new JsonObject { ["type"] = "message", ["offset"] = offset });
            if (step["reading"]?.GetValue<bool>() == true)
            {
                _user.Do("read", step);
            }
        }
    }

    private void Expect(JsonObject pattern, string? name, TimeSpan within)
    {
        var type = pattern["type"];
        Until(() => _socket!.Heard.Any(IsOfType), within, () => $"the client says {pattern.ToJsonString()}; it said {Join(_socket!.Heard)}");
        var frame = _socket!.Heard.First(IsOfType);
        _socket.Heard.Remove(frame);
        var wanted = FrameTemplate.Resolve(pattern, _names);
        Assert.True(FrameTemplate.Matches(wanted, frame), $"Expected {wanted.ToJsonString()}, the client said {frame.ToJsonString()}.");
        if (name is not null)
        {
            _names[name] = frame;
        }

        bool IsOfType(JsonObject frame) => JsonNode.DeepEquals(frame["type"], type);
    }

    /// <summary>How many frames of a type have come, and what the last one was; they count as heard.</summary>
    private void Count(JsonObject asked)
    {
        var frames = _socket!.Heard.Where(frame => JsonNode.DeepEquals(frame["type"], asked["type"])).ToArray();
        _socket.Heard.RemoveAll(frames.Contains);
        Assert.InRange(frames.Length, asked["min"]?.GetValue<int>() ?? 0, asked["max"]!.GetValue<int>());
        if (asked["last"] is { } last)
        {
            Assert.True(FrameTemplate.Matches(FrameTemplate.Resolve(last, _names), frames[^1]), $"The last was {frames[^1].ToJsonString()}.");
        }
    }

    private void See(JsonObject asked, TimeSpan within)
    {
        JsonObject? seen = null;
        Until(() => JsonNode.DeepEquals(seen = _user.See(asked), asked), within, () => $"one sees {asked.ToJsonString()}; seen is {seen!.ToJsonString()}");
    }

    private void Advance(TimeSpan by)
    {
        for (var left = by; left > TimeSpan.Zero; left -= Step)
        {
            _time.Advance(left < Step ? left : Step);
        }
    }

    /// <param name="within">In the scenario's time.</param>
    private void Until(Func<bool> holds, TimeSpan within, Func<string> what)
    {
        for (var passed = TimeSpan.Zero; passed < within && !holds(); passed += Step)
        {
            _time.Advance(Step);
        }

        Assert.True(holds() || SpinWait.SpinUntil(holds, AtOnce), $"Not within {within}: {what()}");
    }

    private ScenarioUser NewUser() => new(new ChatClientOptions
    {
        Url = new Uri("http://localhost"),
        Token = _ => _tokenFails ? throw new IOException("No token.") : Task.FromResult($"token{++_tokens}"),
        OutboxStore = _store,
        OpenSocket = () => new ScriptedSocket(_attempts.Enqueue),
        Random = () => 0.5,
        Time = _time,
    });

    private static string Join(IEnumerable<JsonObject> frames) => string.Join(' ', frames.Select(frame => frame.ToJsonString()));
}
