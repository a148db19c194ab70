using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>
/// Messages that are not known to be stored, in the order they were written. Of each room only the first is on its way: one
/// that is refused for now must not be overtaken by the next. Safe to call from any thread.
/// </summary>
internal sealed class Outbox(int messagesMax)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _entries = [];
    private readonly Dictionary<string, LinkedListNode<Entry>> _byId = [];

    /// <exception cref="InvalidOperationException">As many messages as allowed wait already.</exception>
    public Task<Position> Add(SendFrame send)
    {
        lock (_gate)
        {
            if (_byId.TryGetValue(send.Id, out var same))
            {
                return same.Value.Stored.Task;
            }

            if (_entries.Count >= messagesMax)
            {
                throw new InvalidOperationException($"{messagesMax} messages are not acked yet: wait for some of them.");
            }

            var entry = new Entry(send);
            _byId[send.Id] = _entries.AddLast(entry);
            return entry.Stored.Task;
        }
    }

    /// <returns>The message of the room that has to be sent next; null when none waits.</returns>
    public SendFrame? First(string room)
    {
        lock (_gate)
        {
            return _entries.FirstOrDefault(entry => entry.Send.Room == room)?.Send;
        }
    }

    /// <returns>Null when it is not waiting any more.</returns>
    public SendFrame? Find(string id)
    {
        lock (_gate)
        {
            return _byId.TryGetValue(id, out var node) ? node.Value.Send : null;
        }
    }

    public void Ack(AckFrame ack) => Take(ack.Id)?.Stored.TrySetResult(new Position(ack.Epoch, ack.Offset));

    public void Refuse(NackFrame nack) => Take(nack.Id)?.Stored.TrySetException(new ChatException(nack.Code, nack.Message));

    public void FailAll(Exception error) => Fail(_ => true, error);

    public void FailRoom(string room, Exception error) => Fail(send => send.Room == room, error);

    private void Fail(Func<SendFrame, bool> which, Exception error)
    {
        Entry[] entries;
        lock (_gate)
        {
            entries = [.. _entries.Where(entry => which(entry.Send))];
        }

        foreach (var entry in entries)
        {
            Take(entry.Send.Id)?.Stored.TrySetException(error);
        }
    }

    private Entry? Take(string id)
    {
        lock (_gate)
        {
            if (!_byId.Remove(id, out var node))
            {
                return null;
            }

            _entries.Remove(node);
            return node.Value;
        }
    }

    private sealed record Entry(SendFrame Send)
    {
        public TaskCompletionSource<Position> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
