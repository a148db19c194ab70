using System.Diagnostics;

namespace Chat.Benchmarks.Load;

/// <summary>Many clients behind one balancer, each in a room of a few, who come back whatever happens.</summary>
internal sealed class ReturningCrowd(Reactor reactor, int port, ChatDialect dialect) : IDisposable
{
    private const int RoomMembers = 10;
    private const int TextBytes = 100;

    /// <summary>Clients that come for the first time do so at this pace.</summary>
    private const int ArrivalsPerSecond = 1000;

    private readonly List<ReturningClient> _clients = [];
    private readonly List<long> _hellos = [];
    private uint _number;
    private int _nacks;

    public Reactor Reactor => reactor;

    public int Port => port;

    public ChatDialect Dialect => dialect;

    public IReadOnlyList<ReturningClient> Clients => _clients;

    /// <summary>Nobody comes back any more.</summary>
    public bool IsOver { get; private set; }

    public int RefusedCount { get; set; }

    /// <summary>Messages that did not follow the one before.</summary>
    public int HoleCount { get; set; }

    /// <summary>Joins after which a client does not have what it missed.</summary>
    public int NotRecoveredCount { get; set; }

    /// <summary>Of messages to those who have stayed where they were.</summary>
    public Latencies Latencies { get; } = new();

    /// <summary>Connections that ended since the last reset, whoever closed them.</summary>
    public int ClosedCount { get; private set; }

    /// <summary>Clients in their rooms.</summary>
    public int ReadyCount { get; set; }

    /// <summary>When clients were welcomed since the last reset, by the clock's timestamp.</summary>
    public IReadOnlyList<long> Hellos => _hellos;

    /// <summary>Opens connections and waits until all are in their rooms.</summary>
    /// <exception cref="InvalidOperationException">They are not within the time.</exception>
    public void Enter(int clients, TimeSpan most)
    {
        for (var i = 0; i < clients; i++)
        {
            var client = new ReturningClient(this, $"crowd-{i}", $"crowd-{i / RoomMembers}");
            _clients.Add(client);
            reactor.After(TimeSpan.FromSeconds((double)i / ArrivalsPerSecond), client.Connect);
        }

        if (!reactor.RunUntil(() => ReadyCount == clients, most))
        {
            throw new InvalidOperationException($"{ReadyCount} of {clients} clients got in; {RefusedCount} were refused.");
        }
    }

    /// <summary>Clients on each of the nodes that have any.</summary>
    public IReadOnlyDictionary<string, int> CountByNode() =>
        _clients.Where(client => client.Node is not null).CountBy(client => client.Node!).ToDictionary();

    /// <summary>One of those who have stayed says something in its room.</summary>
    public void SendNext()
    {
        var client = _clients[Random.Shared.Next(_clients.Count)];
        if (client is { IsReady: true, Stayed: true })
        {
            _number++;
            client.Send(dialect.Send(client.Room, $"c{_number:x}", Stamp.Text(Stopwatch.GetTimestamp(), _number, TextBytes)));
        }
    }

    /// <summary>Forgets what was counted: something begins.</summary>
    public void Reset()
    {
        Latencies.Clear();
        ClosedCount = 0;
        _hellos.Clear();
        RefusedCount = 0;
    }

    /// <summary>From now on, everybody who is in counts as having stayed.</summary>
    public void MarkStayed() => _clients.ForEach(client => client.Stayed = client.IsReady);

    public void Received(ReturningClient client, ReadOnlySpan<byte> payload)
    {
        var now = Stopwatch.GetTimestamp();
        while (client.Stayed && Stamp.TryRead(ref payload, out var sentAt, out _))
        {
            Latencies.Add(Stamp.Microseconds(sentAt, now));
        }
    }

    public void SaidHello() => _hellos.Add(Stopwatch.GetTimestamp());

    public void Closed() => ClosedCount++;

    public void Refused(ReadOnlySpan<byte> frame)
    {
        if (_nacks++ == 0)
        {
            Console.Error.WriteLine($"A message was not taken: {System.Text.Encoding.UTF8.GetString(frame)}");
        }
    }

    public void Dispose()
    {
        IsOver = true;
        _clients.ForEach(client => client.Dispose());
    }
}
