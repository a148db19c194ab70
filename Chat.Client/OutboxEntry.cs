using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>A message on its way into a room's log.</summary>
internal sealed class OutboxEntry(SendFrame send)
{
    private TaskCompletionSource<Position> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SendFrame Send => send;

    public Task<Position> Stored => _stored.Task;

    /// <summary>By the clock on the wall; null when it was never on the wire.</summary>
    public DateTimeOffset? FirstSentAt { get; private set; }

    /// <summary>By the clock that does not jump; null when that was in another process.</summary>
    public TimeSpan? FirstSent { get; private set; }

    public bool WasSent => FirstSentAt is not null;

    public static OutboxEntry Restored(StoredMessage message) =>
        new(new SendFrame(message.Room, message.Id, message.Text, message.Traceparent)) { FirstSentAt = message.FirstSentAt };

    public void MarkSent(TimeSpan now, DateTimeOffset at) => (FirstSent, FirstSentAt) = (now, at);

    /// <summary>
    /// How long ago it was first sent. Either clock may have stood still: the steady one while the machine slept, the one on the wall when it was
    /// set back. The longer time is the safe one.
    /// </summary>
    public TimeSpan Age(TimeSpan now, DateTimeOffset at)
    {
        var wall = FirstSentAt is { } sentAt ? at - sentAt : TimeSpan.Zero;
        var steady = FirstSent is { } sent ? now - sent : TimeSpan.Zero;
        return wall > steady ? wall : steady;
    }

    /// <summary>Its sender was told that the client ended, and asks again.</summary>
    public void WaitAgain()
    {
        if (_stored.Task.IsFaulted)
        {
            _stored = new TaskCompletionSource<Position>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Settle(Position position) => _stored.TrySetResult(position);

    public void Fail(Exception error)
    {
        _stored.TrySetException(error);

        // Nobody has to be waiting for it.
        _ = _stored.Task.Exception;
    }
}
