using System.Text.Json.Nodes;
using Chat.Client;
using CsCheck;

namespace Chat.Tests.Client;

/// <summary>
/// A client against the simplest node: one log, which answers joins as a node does. Whatever is lost, repeated, refused or cut in whatever order,
/// it ends with the log, in order, and with nothing of its own lost or stored twice.
/// </summary>
public sealed class InterleavingTests
{
    private enum Turn
    {
        /// <summary>Somebody else writes, and it arrives.</summary>
        Live,

        /// <summary>Somebody else writes, and it does not.</summary>
        LiveLost,
        LiveAgain,

        /// <summary>The user writes.</summary>
        Write,

        /// <summary>The node answers the client's oldest frame.</summary>
        Answer,

        /// <summary>The node stores what the client sent, and its answer is lost.</summary>
        AnswerLost,

        /// <summary>The node refuses the client's oldest frame for now.</summary>
        Refuse,

        /// <summary>The node has forgotten the membership.</summary>
        Forget,
        AskHistory,
        Cut,
        Pass,
        LongPass,
        Degraded,
    }

    [Fact]
    public async Task Any_interleaving_ends_in_the_order_of_the_log_with_nothing_pending_lost() =>
        await Gen.Enum<Turn>().Array[0, 80].SampleAsync(
            async turns =>
            {
                await using var node = new Node();
                foreach (var turn in turns)
                {
                    node.Take(turn);
                }

                node.Settle();
                node.AssertRight();
            },
            iter: 300);

    /// <summary>A node with one room, and its client.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly ScriptedWorld _world = new();
        private readonly List<(string Author, string Id)> _log = [];
        private readonly Dictionary<string, int> _written = [];
        private readonly List<ChatMessage> _shown = [];
        private readonly ChatRoom _room;
        private bool _joined;
        private int _delivered;

        public Node() => (_room, _joined) = (_world.Join(), true);

        private bool IsConnected => !_world.Socket.IsClosed;

        public void Take(Turn turn)
        {
            switch (turn)
            {
                case Turn.Live:
                    Append("bob", $"b{_log.Count}");
                    Deliver();
                    break;
                case Turn.LiveLost:
                    Append("bob", $"b{_log.Count}");
                    _delivered = _log.Count;
                    break;
                case Turn.LiveAgain when _log.Count > 0 && IsConnected && _joined:
                    Say(Math.Max(1, _log.Count - 2));
                    break;
                case Turn.Write when _written.Count < 20:
                    var message = new OutgoingMessage($"text {_written.Count}");
                    _written[message.Id] = _written.Count;
                    _ = _room.SendAsync(message);
                    break;
                case Turn.Answer:
                    Answer(isLost: false);
                    break;
                case Turn.AnswerLost:
                    Answer(isLost: true);
                    break;
                case Turn.Refuse:
                    Refuse();
                    break;
                case Turn.Forget:
                    _joined = false;
                    break;
                case Turn.AskHistory:
                    _ = _room.ReadHistoryAsync();
                    break;
                case Turn.Cut when IsConnected:
                    _world.Socket.End(code: null);
                    _joined = false;
                    break;
                case Turn.Pass:
                    Pass(2);
                    break;
                case Turn.LongPass:
                    Pass(15);
                    break;
                case Turn.Degraded when IsConnected:
                    _world.Say(new { type = "status", degraded = true });
                    _world.Say(new { type = "status", degraded = false });
                    break;
            }
        }

        /// <summary>From now on all goes well, for two minutes.</summary>
        public void Settle()
        {
            if (!_joined)
            {
                // A client that only listens cannot know; a node that forgets does not go on for ever.
                Take(Turn.Cut);
            }

            for (var i = 0; i < 120; i++)
            {
                Pass(1);
                while (IsConnected && _world.Socket.Heard.Count > 0)
                {
                    Answer(isLost: false);
                }

                if (i == 60)
                {
                    // Whoever has lost the newest message sees it by the next.
                    Take(Turn.Live);
                }
            }
        }

        public void AssertRight()
        {
            while (_room.TakeEvent() is { } happened)
            {
                Assert.IsNotType<ContinuityLost>(happened);
                if (happened is MessageReceived received)
                {
                    _shown.Add(received.Message);
                }
            }

            Assert.Equal(_log, _shown.Select(message => (message.Author, message.Id)));
            Assert.Equal(Enumerable.Range(1, _log.Count).Select(offset => (long)offset), _shown.Select(message => message.Offset));
            var own = _log.Where(entry => entry.Author == "ada").Select(entry => _written[entry.Id]);
            Assert.Equal(Enumerable.Range(0, _written.Count), own);
            Assert.Empty(_world.Client.Pending);
        }

        public ValueTask DisposeAsync() => _world.DisposeAsync();

        /// <summary>Time passes, and whoever comes is let in.</summary>
        private void Pass(int seconds)
        {
            for (var i = 0; i < seconds; i++)
            {
                _world.Time.Advance(TimeSpan.FromSeconds(1));
                if (!IsConnected && _world.Attempts > 0)
                {
                    _world.Accept();
                }
            }
        }

        private JsonObject? Next()
        {
            if (!IsConnected || _world.Socket.Heard.Count == 0)
            {
                return null;
            }

            var frame = _world.Socket.Heard[0];
            _world.Socket.Heard.RemoveAt(0);
            return frame;
        }

        private void Answer(bool isLost)
        {
            var frame = Next();
            switch (frame?["type"]!.GetValue<string>())
            {
                case "join" when !isLost:
                    Join(frame);
                    break;
                case "send":
                    Store(frame["id"]!.GetValue<string>(), isLost);
                    break;
                case "history" when !isLost:
                    var before = frame["before"]!.GetValue<int>();
                    _world.Say(new { type = "history", messages = Entries(1, before - 1) });
                    break;
            }
        }

        private void Join(JsonObject join)
        {
            var after = join["after"]?["offset"]?.GetValue<int>() ?? 0;
            (_joined, _delivered) = (true, _log.Count);
            _world.Say(new { type = "joined", offset = _log.Count, messages = Entries(after + 1, _log.Count) });
        }

        private void Store(string id, bool isLost)
        {
            if (!_joined)
            {
                _world.Say(new { type = "nack", id, code = "not_joined" });
                return;
            }

            var offset = _log.IndexOf(("ada", id)) + 1;
            if (offset == 0)
            {
                Append("ada", id);
                offset = _log.Count;
                Deliver();
            }

            if (!isLost)
            {
                _world.Say(new { type = "ack", id, offset });
            }
        }

        private void Refuse()
        {
            var frame = Next();
            switch (frame?["type"]!.GetValue<string>())
            {
                case "join":
                    _world.Say(new { type = "error", code = "unavailable", room = "lobby" });
                    break;
                case "send":
                    _world.Say(new { type = "nack", id = frame["id"]!.GetValue<string>(), code = "unavailable", retryable = true, retryAfterMs = 1000 });
                    break;
                case "history":
                    _world.Say(new { type = "error", code = "unavailable", room = "lobby" });
                    break;
            }
        }

        private void Append(string author, string id) => _log.Add((author, id));

        private void Deliver()
        {
            if (IsConnected && _joined)
            {
                for (; _delivered < _log.Count; _delivered++)
                {
                    if (_delivered == _log.Count - 1)
                    {
                        Say(_log.Count);
                    }
                }
            }
        }

        private void Say(int offset) => _world.Say(Entry(offset));

        private object[] Entries(int first, int last) => [.. Enumerable.Range(first, Math.Max(0, last - first + 1)).Select(Entry)];

        private object Entry(int offset) =>
            new { type = "message", offset, author = _log[offset - 1].Author, id = _log[offset - 1].Id };
    }
}
