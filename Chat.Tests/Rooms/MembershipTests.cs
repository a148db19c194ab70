using System.Buffers.Binary;
using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Connections;
using Chat.Node.Presence;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Log;
using Chat.Tests.Presence.Support;
using Chat.Tests.Support;
using CsCheck;

namespace Chat.Tests.Rooms;

/// <summary>The seam between the log and what comes live, in whatever order the two take turns.</summary>
public sealed class MembershipTests : IAsyncLifetime
{
    private const string Name = "lobby";
    private const string Epoch = "epoch";
    private const int NewestMax = 5;

    private RedisServer _redis = null!;
    private TestNode _node = null!;

    private enum Turn
    {
        Append,
        Deliver,
        Read,
        GoLive,
    }

    public async ValueTask InitializeAsync()
    {
        _redis = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        _node = await TestNode.StartAsync(_redis, "n0");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public void Whatever_comes_while_a_member_joins_it_is_shown_everything_once_and_in_order() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 8], Gen.Bool, Gen.Enum<Turn>().Array[0, 60], Gen.OneOf(Gen.Const(700), Gen.Const(1 << 20))).Sample(
            (before, behind, resumes, turns, bytesMax) =>
            {
                var world = new World(_node, before, Math.Min(before, behind), resumes, bytesMax);
                foreach (var turn in turns)
                {
                    world.Take(turn);
                }

                world.Finish();
            });

    [Fact]
    public void Who_has_joined_the_log_as_it_is_now_is_told_of_no_loss_when_the_feed_starts_anew()
    {
        var world = new World(_node, before: 2, behind: 0, resumes: false, bytesMax: 1 << 20);
        world.Take(Turn.Read);
        world.Take(Turn.GoLive);

        world.Take(Turn.Append);
        world.StartAnew();

        world.Finish();
    }

    /// <summary>A log that grows, a feed that follows it late, and one member.</summary>
    private sealed class World
    {
        private readonly TestSink _sink = new();
        private readonly Membership _member;
        private readonly Position? _after;
        private long _top;
        private long _delivered;
        private CatchUp? _read;
        private bool _live;

        /// <param name="before">Messages in the log when the member comes.</param>
        /// <param name="behind">How many of them the feed has not delivered yet.</param>
        public World(TestNode node, int before, int behind, bool resumes, int bytesMax)
        {
            (_top, _delivered) = (before, before - behind);
            _after = resumes ? new Position(Epoch, before / 2) : null;
            var options = new NodeOptions { OutboundBytesMax = bytesMax };
            var room = new Room(Name, node.Get<NodeIdentity>(), node.Get<NodeMetrics>(), TimeProvider.System, node.Get<PresenceRooms>());
            var queue = new OutboundQueue(_sink, int.MaxValue);
            _member = new Membership(
                room,
                new JoinRequest(Name, "c", "bob", _after, Traced: false, queue, node.Get<NodeLoops>().All[0], () => Assert.Fail("The queue is not full")),
                "n0",
                options,
                TimeProvider.System);
        }

        public void Take(Turn turn)
        {
            switch (turn)
            {
                case Turn.Append:
                    _top++;
                    break;
                case Turn.Deliver when _delivered < _top:
                    var publication = Publication(++_delivered);
                    _member.Deliver(publication.Position, OutboundFrame.Text(publication.Frame.Span));
                    break;
                case Turn.Read when !_live:
                    _read = Read();
                    break;
                case Turn.GoLive when !_live && _read is not null:
                    _live = _member.TryGoLive(_read, new PresenceSnapshot(0, [], null), new Dictionary<string, long>());

                    // What it was refused for has to be read again.
                    _read = null;
                    break;
            }
        }

        /// <summary>The feed has found that its log is another one than it thought.</summary>
        public void StartAnew()
        {
            _delivered = _top;
            _member.Reset(Read() with { Recovered = false }, new PresenceSnapshot(0, [], null));
        }

        public void Finish()
        {
            while (!_live)
            {
                Take(Turn.Read);
                Take(Turn.GoLive);
            }

            _top++;
            while (_delivered < _top)
            {
                Take(Turn.Deliver);
            }

            AssertShown();
        }

        private void AssertShown()
        {
            _sink.EndTurn();
            var timeline = new Timeline();
            var shown = new List<long>();
            foreach (var frame in Frames(_sink.Taken))
            {
                switch (frame)
                {
                    case JoinedFrame joined:
                        Assert.True(joined.Recovered);
                        shown.AddRange(timeline.Apply(joined).Cast<MessageReceived>().Select(received => received.Message.Offset));
                        break;
                    case MessageFrame message:
                        Assert.True(timeline.Apply(message), $"{message.Offset} was in the answer to the join");
                        shown.Add(message.Offset);
                        break;
                }

                Assert.False(timeline.Rejoining);
            }

            var first = _after?.Offset + 1 ?? shown[0];
            Assert.Equal(Enumerable.Range(0, (int)(_top - first + 1)).Select(step => first + step), shown);
        }

        private CatchUp Read()
        {
            var first = _after is null ? Math.Max(1, _top - NewestMax + 1) : _after.Offset + 1;
            var messages = new List<Publication>();
            for (var offset = first; offset <= _top; offset++)
            {
                messages.Add(Publication(offset));
            }

            return new CatchUp(new Position(Epoch, _top), Recovered: true, messages);
        }

        private static Publication Publication(long offset) =>
            Node.Backplane.Publication.Decode(LogHarness.Publication(Name, Epoch, offset, $"id{offset}"))!;

        private static IEnumerable<ServerFrame?> Frames(byte[] bytes)
        {
            for (var at = 0; at < bytes.Length;)
            {
                var (header, length) = bytes[at + 1] switch
                {
                    126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 2))),
                    127 => (10, (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(at + 2))),
                    var small => (2, small),
                };
                yield return FrameCodec.DecodeServer(bytes.AsSpan(at + header, length), out _);
                at += header + length;
            }
        }
    }
}
