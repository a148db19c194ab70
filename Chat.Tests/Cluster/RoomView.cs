using Chat.Client;
using Chat.Lab.Clients;
using Chat.Protocol.Frames;

namespace Chat.Tests.Cluster;

/// <summary>One join of a room, and what was shown from then on.</summary>
internal sealed class RoomView
{
    private readonly Lock _gate = new();
    private readonly List<RoomEvent> _events = [];
    private TaskCompletionSource _grew = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RoomView(string room, Task<ChatRoom> joined)
    {
        (Room, Joined) = (room, joined);
        Reading = ReadAsync();
    }

    public string Room { get; }

    public Task<ChatRoom> Joined { get; }

    public Task Reading { get; }

    public IReadOnlyList<RoomEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public long LastOffset { get; private set; }

    /// <summary>What came on the wire for it.</summary>
    public WireLog Wire { get; } = new();

    /// <summary>The room that a frame of messages belongs to; null for any other frame.</summary>
    public static string? RoomOf(ServerFrame frame) => frame switch
    {
        JoinedFrame joined => joined.Room,
        MessageFrame message => message.Room,
        _ => null,
    };

    public async Task ReachesAsync(long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task grew;
            lock (_gate)
            {
                if (LastOffset >= offset)
                {
                    return;
                }

                grew = _grew.Task;
            }

            await grew.WaitAsync(cancellationToken);
        }
    }

    private async Task ReadAsync()
    {
        var room = await Joined;
        await foreach (var happened in room.ReadAllAsync())
        {
            lock (_gate)
            {
                _events.Add(happened);
                LastOffset = happened switch
                {
                    MessageReceived received => received.Message.Offset,
                    ContinuityLost lost => Math.Min(LastOffset, lost.To.Offset),
                    _ => LastOffset,
                };
                _grew.TrySetResult();
                _grew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
