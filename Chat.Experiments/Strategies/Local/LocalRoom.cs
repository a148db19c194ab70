using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Log;
using Chat.Protocol;

namespace Chat.Experiments.Strategies.Local;

/// <summary>One room in memory. Safe to call from any thread.</summary>
internal sealed class LocalRoom(NodeOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly string _epoch = LogReader.NewEpoch();
    private readonly Queue<Publication> _log = new();
    private readonly Dictionary<string, Position> _ids = [];
    private readonly Queue<string> _idsByAge = new();
    private readonly List<Action<Publication>> _subscribers = [];
    private long _top;

    public Stored Publish(NewMessage message)
    {
        lock (_gate)
        {
            if (_ids.TryGetValue(message.IdempotencyKey, out var stored))
            {
                return new Stored(stored, Duplicate: true);
            }

            var position = new Position(_epoch, ++_top);
            var bytes = Publication.Encode(position, time.GetUtcNow(), message.Origin, message.Frame);
            var publication = Publication.Decode(bytes)!;
            _log.Enqueue(publication);
            _ids[message.IdempotencyKey] = position;
            _idsByAge.Enqueue(message.IdempotencyKey);
            if (_log.Count > options.LogMessagesMax)
            {
                _log.Dequeue();
                _ids.Remove(_idsByAge.Dequeue());
            }

            foreach (var deliver in _subscribers)
            {
                deliver(publication);
            }

            return new Stored(position, Duplicate: false);
        }
    }

    public IAsyncDisposable Subscribe(Action<Publication> deliver)
    {
        lock (_gate)
        {
            _subscribers.Add(deliver);
        }

        return new Subscription(this, deliver);
    }

    public CatchUp ReadAfter(Position? after)
    {
        lock (_gate)
        {
            var missing = after is null ? -1 : _top - after.Offset;
            var recovered = after is null
                || (after.Epoch == _epoch && missing >= 0 && missing <= Math.Min(_log.Count, options.RecoveryMessagesMax));
            var count = after is not null && recovered ? (int)missing : Math.Min(options.NewestMessages, _log.Count);
            return new CatchUp(new Position(_epoch, _top), recovered, [.. _log.Skip(_log.Count - count)]);
        }
    }

    public HistoryPage ReadBefore(long before, int limit)
    {
        lock (_gate)
        {
            var older = _log.Where(publication => publication.Position.Offset < before).ToArray();
            return new HistoryPage(older[^Math.Min(limit, older.Length)..], older.Length > limit);
        }
    }

    private void Unsubscribe(Action<Publication> deliver)
    {
        lock (_gate)
        {
            _subscribers.Remove(deliver);
        }
    }

    private sealed class Subscription(LocalRoom room, Action<Publication> deliver) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            room.Unsubscribe(deliver);
            return ValueTask.CompletedTask;
        }
    }
}
