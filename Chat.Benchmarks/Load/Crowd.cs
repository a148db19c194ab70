using System.Diagnostics;
using Chat.Benchmarks.Servers;

namespace Chat.Benchmarks.Load;

/// <summary>A room's name, and what was sent to it since the window began.</summary>
internal sealed class Room(string name)
{
    public string Name => name;

    public List<Peer> Members { get; } = [];

    public long Sent { get; set; }

    public ulong Sum { get; set; }
}

/// <summary>The clients of one contender: in rooms, spread over its nodes by turns, sending by turns.</summary>
internal sealed class Crowd(Contender contender, Reactor reactor, int textBytes) : IDisposable
{
    /// <summary>Handshakes under way at once: fewer than a server's backlog.</summary>
    private const int OpeningMax = 200;
    private static readonly TimeSpan ReadyMax = TimeSpan.FromSeconds(60);

    private readonly List<Room> _rooms = [];
    private readonly List<Peer> _peers = [];
    private long _turn;
    private uint _number;

    public string Name => contender.Name;

    public IDialect Dialect => contender.Dialect;

    /// <summary>Of the rooms' names: crowds that end up at the same server must not meet.</summary>
    public string RoomPrefix { get; init; } = "room";

    public Reactor Reactor => reactor;

    public IReadOnlyList<Room> Rooms => _rooms;

    public IReadOnlyList<Peer> Peers => _peers;

    public int ReadyCount { get; set; }

    public int RefusedCount { get; private set; }

    /// <summary>Ends are faults, unless it is this one's.</summary>
    public Peer? MayEnd { get; set; }

    public Latencies Latencies { get; } = new();

    public long Delivered { get; private set; }

    /// <summary>Opens connections and waits until all are in their rooms.</summary>
    public void Enter(int rooms, int membersEach)
    {
        for (var room = 0; room < rooms; room++)
        {
            _rooms.Add(new Room($"{RoomPrefix}-{room}"));
        }

        for (var member = 0; member < membersEach; member++)
        {
            foreach (var room in _rooms)
            {
                room.Members.Add(Open(room));
            }
        }

        WaitReady();
    }

    /// <summary>Opens connections that are in no room.</summary>
    public void Idle(int connections)
    {
        for (var i = 0; i < connections; i++)
        {
            Open(room: null);
        }

        WaitReady();
    }

    /// <summary>One more, of whom nothing is expected.</summary>
    public Peer OpenApart(Room room, int? receiveBytes)
    {
        var peer = new Peer(this, contender.Ports[0], $"apart-{_turn}", room, receiveBytes) { KeepsLast = true };
        if (!reactor.RunUntil(() => peer.IsReady, ReadyMax))
        {
            throw new InvalidOperationException($"{Name}: a client does not get in.");
        }

        return peer;
    }

    public void SendNext()
    {
        var room = _rooms[(int)(_turn % _rooms.Count)];
        var sender = room.Members[(int)(_turn / _rooms.Count % room.Members.Count)];
        _turn++;
        _number++;
        room.Sent++;
        room.Sum += _number;
        sender.Send(Dialect.Send(room.Name, $"m{_number:x}", Stamp.Text(Stopwatch.GetTimestamp(), _number, textBytes)));
    }

    /// <summary>Forgets what was counted: a window begins.</summary>
    public void Reset()
    {
        Latencies.Clear();
        Delivered = 0;
        foreach (var room in _rooms)
        {
            (room.Sent, room.Sum) = (0, 0);
            foreach (var peer in room.Members)
            {
                (peer.Count, peer.Sum) = (0, 0);
            }
        }
    }

    public long Expected => _rooms.Sum(room => room.Sent * room.Members.Count);

    /// <summary>Members that have not had each message once.</summary>
    public int CountWrong() => _rooms.Sum(room => room.Members.Count(peer => peer.Count != room.Sent || peer.Sum != room.Sum));

    public void Received(Peer peer, ReadOnlySpan<byte> payload)
    {
        var now = Stopwatch.GetTimestamp();
        while (Stamp.TryRead(ref payload, out var sentAt, out var number))
        {
            peer.Count++;
            peer.Sum += number;
            if (!peer.KeepsLast)
            {
                Delivered++;
                Latencies.Add(Stamp.Microseconds(sentAt, now));
            }
        }
    }

    public void Refused(ReadOnlySpan<byte> payload)
    {
        if (RefusedCount++ == 0)
        {
            Console.Error.WriteLine($"{Name}: refused: {System.Text.Encoding.UTF8.GetString(payload)}");
        }
    }

    public void Ended(Peer peer)
    {
        if (peer != MayEnd)
        {
            throw new InvalidOperationException($"{Name}: a client was closed with {peer.Closed}.");
        }
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
        {
            peer.Dispose();
        }
    }

    private Peer Open(Room? room)
    {
        reactor.RunUntil(() => _peers.Count - ReadyCount < OpeningMax, ReadyMax);
        var peer = new Peer(this, contender.Ports[_peers.Count % contender.Ports.Count], $"user-{_peers.Count}", room);
        _peers.Add(peer);
        return peer;
    }

    private void WaitReady()
    {
        if (!reactor.RunUntil(() => ReadyCount == _peers.Count, ReadyMax))
        {
            throw new InvalidOperationException($"{Name}: {ReadyCount} of {_peers.Count} clients got in.");
        }
    }
}
