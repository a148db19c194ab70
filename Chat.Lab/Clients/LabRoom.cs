using System.Collections.Concurrent;
using Chat.Client;
using Chat.Lab.Checking;
using Chat.Protocol.Frames;

namespace Chat.Lab.Clients;

/// <summary>One room as one client sees it: everything that it is shown, and when.</summary>
internal sealed class LabRoom(string name, LabClock clock)
{
    private readonly ConcurrentQueue<ShownRecord> _shown = new();
    private readonly ConcurrentQueue<ToldRecord> _told = new();
    private readonly ConcurrentQueue<PresenceRecord> _presence = new();
    private readonly WireLog _wire = new();
    private readonly ConcurrentDictionary<(string Author, string Id), byte> _distinct = new();
    private Task _reading = Task.CompletedTask;
    private double? _joinedAt;

    /// <summary>Null until the node has answered.</summary>
    public ChatRoom? Joined { get; private set; }

    public int ShownCount => _shown.Count;

    public int DistinctCount => _distinct.Count;

    public bool HasShown(string author, string id) => _distinct.ContainsKey((author, id));

    public async Task EnterAsync(ChatClient client, CancellationToken cancellationToken)
    {
        var joined = await client.JoinAsync(name, cancellationToken);
        _joinedAt = clock.Now;
        _reading = ReadAsync(joined);
        Joined = joined;
    }

    /// <summary>When something was shown or told last.</summary>
    public double ChangedAt { get; private set; }

    public RoomRecord Record() => new(name, _joinedAt, [.. _shown], [.. _told], [.. _presence]) { Wire = _wire.Frames };

    /// <summary>A frame of this room as it came.</summary>
    public void Receive(ServerFrame frame) => _wire.Receive(frame);

    /// <summary>Waits for the end of the reading, which comes with the end of the client.</summary>
    public async Task EndedAsync() => await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task ReadAsync(ChatRoom room)
    {
        await foreach (var happened in room.ReadAllAsync(CancellationToken.None))
        {
            ChangedAt = clock.Now;
            switch (happened)
            {
                case MessageReceived { Message: var message }:
                    _distinct.TryAdd((message.Author, message.Id), 0);
                    _shown.Enqueue(new ShownRecord(message.Author, message.Id, message.Epoch, message.Offset, clock.Now, message.ToFrame().SentAt, _told.Count, Text.Mark(message.Text)));
                    break;
                case ContinuityLost lost:
                    _told.Enqueue(new ToldRecord(clock.Now, lost.From, lost.To));
                    break;
                case PresenceChanged changed:
                    _presence.Enqueue(new PresenceRecord(clock.Now, changed.Joined, changed.Left, changed.Count));
                    break;
            }
        }
    }
}
