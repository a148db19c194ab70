using Chat.Node;
using Chat.Node.Presence;
using Chat.Node.Signals;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Presence;

/// <summary>Nodes over one Redis, as functions: whatever happens in whatever order, in the end each node sees exactly who is there.</summary>
public sealed class RoomPeopleModelTests
{
    private const int EventsPerRun = 500;
    private const int Runs = 20;

    [Fact]
    public void After_ten_thousand_random_events_every_node_sees_the_truth() =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, int.MaxValue]).Array[EventsPerRun].Sample(
            events =>
            {
                var world = new World();
                foreach (var (kind, choice) in events)
                {
                    world.Happen(kind, choice);
                }

                world.Settle();
                return world.EverybodySees(world.Truth());
            },
            iter: Runs);

    private sealed class World
    {
        private static readonly NodeOptions Options = new() { MembersListedMax = 5 };

        private readonly FakeTimeProvider _time = new();
        private readonly Dictionary<string, PresenceEntry> _redis = [];
        private readonly List<FakeNode> _nodes = [];
        private long _sequence;
        private int _started;
        private int _opened;

        public World()
        {
            for (var i = 0; i < 3; i++)
            {
                StartNode();
            }
        }

        public void Happen(int kind, int choice)
        {
            var node = _nodes[choice % _nodes.Count];
            switch (kind)
            {
                case < 40:
                    node.Open($"c{++_opened}", $"u{choice % 12}");
                    break;
                case < 70 when node.Connections.Count > 0:
                    node.Close(node.Connections.Keys.ElementAt(choice % node.Connections.Count), atOnce: kind % 2 == 0);
                    break;
                case < 85:
                    Flush(node, lost: choice % 5 == 0);
                    break;
                case < 93:
                    _time.Advance(TimeSpan.FromMilliseconds(choice % 3000));
                    node.People.Expire();
                    break;
                case < 95:
                    Resync(node);
                    break;
                case < 97:
                    Kill(node);
                    break;
                case 97:
                    _redis.Clear();
                    _sequence = 0;
                    break;
            }
        }

        /// <summary>Time passes in which nothing happens: everything is written, and every node has compared.</summary>
        public void Settle()
        {
            _time.Advance(Options.PresenceGrace);
            for (var round = 0; round < 3; round++)
            {
                foreach (var node in _nodes)
                {
                    node.People.Expire();
                    node.People.Drop(Census());
                    Resync(node);
                    Flush(node, lost: false);
                }
            }

            _nodes.ForEach(node => node.Tell());
        }

        public IEnumerable<string> Truth() => _nodes.SelectMany(node => node.Connections.Values).Distinct().Order();

        public bool EverybodySees(IEnumerable<string> truth) =>
            _redis.Values.Select(entry => entry.User).Distinct().Order().SequenceEqual(truth)
            && _nodes.All(node => node.Sees(truth));

        private void StartNode() => _nodes.Add(new FakeNode(new Incarnation($"n{++_started % 4}", $"i{_started}"), Options, _time));

        private void Kill(FakeNode node)
        {
            _nodes.Remove(node);
            StartNode();
            Resync(_nodes[^1]);
            _nodes.ForEach(other => other.People.Drop(Census()));
        }

        private Census Census() => new(long.MaxValue, _nodes.Select(node => node.Self).ToHashSet());

        // As change.lua does it.
        private void Flush(FakeNode node, bool lost)
        {
            var batch = node.People.Changes.Take(100);
            var opened = batch.Opened.Select(open => new PresenceEntry(open.Key, open.Value, node.Self))
                .Where(entry => _redis.GetValueOrDefault(entry.Connection) != entry).ToArray();
            foreach (var entry in opened)
            {
                _redis[entry.Connection] = entry;
            }

            var closed = batch.Closed.Where(_redis.Remove).ToArray();
            if (opened.Length + closed.Length == 0)
            {
                return;
            }

            var signal = new Signal(++_sequence, opened, closed, [], []);
            foreach (var receiver in _nodes.Where((_, at) => !lost || at != 0))
            {
                if (signal.Sequence == receiver.Sequence + 1)
                {
                    receiver.Sequence = signal.Sequence;
                    receiver.People.Apply(signal, seen: 0);
                }
                else if (signal.Sequence > receiver.Sequence)
                {
                    Resync(receiver);
                }
            }
        }

        private void Resync(FakeNode node)
        {
            node.Sequence = _sequence;
            node.People.Replace([.. _redis.Values], seen: 0);
            node.People.Drop(Census());
            node.Tell();
        }
    }

    /// <summary>A node, and a member on it who believes what it is told.</summary>
    private sealed class FakeNode(Incarnation self, NodeOptions options, TimeProvider time)
    {
        private HashSet<string>? _told = [];
        private int _count;

        public Incarnation Self => self;

        public RoomPeople People { get; } = new("room", self, options, time);

        public Dictionary<string, string> Connections { get; } = [];

        public long Sequence { get; set; }

        public void Open(string connection, string user)
        {
            Connections[connection] = user;
            People.Enter(connection, user);
        }

        public void Close(string connection, bool atOnce)
        {
            Connections.Remove(connection);
            People.Exit(connection, atOnce);
        }

        public void Tell()
        {
            if (People.Next() is not { } frame)
            {
                return;
            }

            if (frame.MemberCount is { } count)
            {
                (_told, _count) = (frame.Joined.Count > 0 || count == 0 ? [.. frame.Joined] : null, count);
            }
            else
            {
                _told!.ExceptWith(frame.Left);
                _told.UnionWith(frame.Joined);
                _count = _told.Count;
            }
        }

        public bool Sees(IEnumerable<string> truth)
        {
            var (members, count) = People.Describe();
            return (members is null ? count == truth.Count() : members.Order().SequenceEqual(truth))
                && _count == truth.Count() && (_told is null || _told.Order().SequenceEqual(truth));
        }
    }
}
