using System.Threading.Channels;
using Chat.Client;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Backplane.Support;

/// <summary>A client in a room, without the socket: what its node delivers goes through the client library's own rule.</summary>
internal sealed class Member : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Channel<object> _delivered = Channel.CreateUnbounded<object>();
    private readonly Timeline _timeline = new();
    private readonly StrategyNode _node;
    private readonly string _room;
    private readonly List<MessageFrame> _received = [];
    private readonly List<string> _shown = [];
    private int _told;
    private IAsyncDisposable? _subscription;
    private Task _applying = Task.CompletedTask;

    private Member(StrategyNode node, string room) => (_node, _room) = (node, room);

    /// <summary>All that the node delivered and the client has dealt with, in order.</summary>
    public IReadOnlyList<MessageFrame> Received => Read(() => _received.ToArray());

    /// <summary>Ids of the messages a person sees, in order.</summary>
    public IReadOnlyList<string> Shown => Read(() => _shown.ToArray());

    /// <summary>How often the person was told that messages are missing.</summary>
    public int Told => Read(() => _told);

    public static async Task<Member> JoinAsync(StrategyNode node, string room)
    {
        var member = new Member(node, room);
        member._subscription = await node.Backplane.SubscribeAsync(
            room,
            new RoomSubscriber(
                Deliver: publication => member._delivered.Writer.TryWrite(publication),
                Reset: newest => member._delivered.Writer.TryWrite(newest)),
            CancellationToken.None);
        member.Show(member._timeline.Apply(await member.ReadAsync(after: null)));
        member._applying = member.ApplyAllAsync();
        return member;
    }

    public bool Has(string id) => Received.Any(message => message.Id == id);

    /// <returns>False when it was not delivered in time.</returns>
    public async Task<bool> ReceivesAsync(string id, TimeSpan patience)
    {
        try
        {
            await Within.True(patience.TotalSeconds, () => Task.FromResult(Has(id)), $"{id} is delivered");
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }

        _delivered.Writer.Complete();
        await _applying;
    }

    private async Task ApplyAllAsync()
    {
        await foreach (var delivered in _delivered.Reader.ReadAllAsync())
        {
            if (delivered is Publication publication)
            {
                await ApplyAsync(Decode(publication));
            }
            else
            {
                Show(_timeline.Apply(Joined((CatchUp)delivered)));
            }
        }
    }

    private async Task ApplyAsync(MessageFrame message)
    {
        var rejoining = _timeline.Rejoining;
        if (_timeline.Apply(message))
        {
            Show([new MessageReceived(message)]);
        }
        else if (_timeline.Rejoining && !rejoining)
        {
            Show(_timeline.Apply(await ReadAsync(_timeline.Last)));
        }

        lock (_gate)
        {
            _received.Add(message);
        }
    }

    private async Task<JoinedFrame> ReadAsync(Position? after)
    {
        CatchUp? read = null;
        await Within.True(
            10,
            async () =>
            {
                try
                {
                    read = await _node.Backplane.ReadAfterAsync(_room, after, CancellationToken.None);
                    return true;
                }
                catch (BackplaneUnavailableException)
                {
                    return false;
                }
            },
            "a join is answered");
        return Joined(read!);
    }

    private JoinedFrame Joined(CatchUp read) => new(
        _room, read.Top.Epoch, read.Top.Offset, read.Recovered, [.. read.Messages.Select(Decode)]);

    private static MessageFrame Decode(Publication publication) =>
        (MessageFrame)FrameCodec.DecodeServer(publication.Frame.Span, out _)!;

    private void Show(IReadOnlyList<RoomEvent> events)
    {
        lock (_gate)
        {
            _shown.AddRange(events.OfType<MessageReceived>().Select(received => received.Message.Id));
            _told += events.OfType<ContinuityLost>().Count();
        }
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }
}
