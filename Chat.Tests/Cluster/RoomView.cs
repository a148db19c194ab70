using Chat.Client;

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
