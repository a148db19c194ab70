using Chat.Client;
using Chat.Lab.Checking;
using Chat.Lab.Clients;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Tests.Cluster.Checking;

/// <summary>What one client was shown in one room, from one join on.</summary>
/// <param name="Events">In the order in which they came.</param>
/// <param name="Present">It was still in the room at the end, and had time to see everything.</param>
internal sealed record ClientView(string Client, IReadOnlyList<RoomEvent> Events, bool Present)
{
    /// <summary>What came before the client dropped or ordered any of it.</summary>
    public IReadOnlyList<WireRecord> Wire { get; init; } = [];
}

/// <param name="Acked">Where the node said that it is stored; null when it never said so.</param>
internal sealed record SentMessage(string Author, string Id, string Text, Position? Acked);

/// <summary>All there is to know of one room after a run.</summary>
/// <param name="Log">The truth, oldest first; it starts with the room's first message.</param>
/// <param name="RedisLostData">Redis has lost writes on purpose: what it lost may be missing, as long as that was said.</param>
internal sealed record RoomHistory(
    string Room,
    IReadOnlyList<MessageFrame> Log,
    IReadOnlyList<SentMessage> Sent,
    IReadOnlyList<ClientView> Views,
    bool RedisLostData = false)
{
    /// <summary>Held against each other by the lab's checker, without times and without presence.</summary>
    public IReadOnlyList<Anomaly> Check() => HistoryChecker.Check(ToEvidence()).Anomalies.Kept;

    private Evidence ToEvidence() => new(
        [.. Views.Select(view => view.Client).Concat(Sent.Select(message => message.Author)).Distinct().Select(ToClient)],
        new Dictionary<string, IReadOnlyList<LogEntry>>
        {
            [Room] = [.. Log.Select(entry => new LogEntry(new Position(entry.Epoch, entry.Offset), entry.Author, entry.Id, Text.Mark(entry.Text)))],
        },
        EndedAt: 0)
    {
        Loss = RedisLostData ? new DataLoss(0, double.PositiveInfinity) : null,
    };

    private ClientRecord ToClient(string user) => new(
        user,
        [.. Views.Where(view => view.Client == user).Select(ToView)],
        [
            .. Sent.Where(message => message.Author == user).Select(message => new SentRecord(
                Room, message.Id, 0, message.Acked is null ? null : 0, message.Acked, message.Acked is null ? SendOutcome.Unknown : SendOutcome.Acked, Text.Mark(message.Text))),
        ],
        Statuses: [],
        Present: true,
        GoneAt: null);

    private RoomRecord ToView(ClientView view)
    {
        var shown = new List<ShownRecord>();
        var told = new List<ToldRecord>();
        foreach (var happened in view.Events)
        {
            switch (happened)
            {
                case ContinuityLost lost:
                    told.Add(new ToldRecord(0, lost.From, lost.To));
                    break;
                case MessageReceived { Message: var message }:
                    shown.Add(new ShownRecord(message.Author, message.Id, message.Epoch, message.Offset, 0, message.ToFrame().SentAt, told.Count, Text.Mark(message.Text)));
                    break;
            }
        }

        return new RoomRecord(Room, JoinedAt: 0, shown, told, Presence: []) { Wire = view.Wire, Left = !view.Present };
    }
}
