using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>
/// Messages that are not known to be stored, in the order they were written. Of each room only the first is on its way: one
/// that is refused for now must not be overtaken by the next. Under the session's gate.
/// </summary>
internal sealed partial class Outbox
{
    private readonly Dictionary<string, LinkedList<OutboxEntry>> _rooms = [];
    private readonly Dictionary<string, LinkedListNode<OutboxEntry>> _byId = [];
    private readonly ChatClientOptions _options;
    private readonly IOutboxStore? _store;
    private readonly Action<SettledMessage> _settled;
    private readonly ILogger _logger;

    /// <param name="settled">Called for each message that waits no longer.</param>
    public Outbox(ChatClientOptions options, Action<SettledMessage> settled, ILogger logger)
    {
        (_options, _store, _settled, _logger) = (options, options.OutboxStore, settled, logger);
        foreach (var message in _store?.Load() ?? [])
        {
            if (!_byId.ContainsKey(message.Id))
            {
                Append(OutboxEntry.Restored(message));
            }
        }
    }

    public IReadOnlyList<PendingMessage> Pending =>
        [.. _rooms.Values.SelectMany(room => room).Select(entry => new PendingMessage(entry.Send.Room, entry.Send.Id, entry.Send.Text, entry.WasSent))];

    /// <summary>Rooms in which a message waits.</summary>
    public int RoomsCount => _rooms.Count;

    /// <returns>The entry, or the one with this id that waits already.</returns>
    /// <exception cref="ChatException">Full, or the store failed.</exception>
    public (OutboxEntry Entry, bool Added) Add(SendFrame send)
    {
        if (_byId.TryGetValue(send.Id, out var same))
        {
            same.Value.WaitAgain();
            return (same.Value, false);
        }

        if (_byId.Count >= _options.OutboxMessagesMax)
        {
            throw new ChatException(
                ChatException.OutboxFull, $"{_options.OutboxMessagesMax} messages are not acked yet: wait for some of them.");
        }

        try
        {
            _store?.Add(new StoredMessage(send.Room, send.Id, send.Text, Traceparent: send.Traceparent));
        }
#pragma warning disable CA1031 // Whatever a store throws, the message was not taken, and its sender is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new ChatException(ChatException.OutboxFailed, $"The outbox store did not take the message: {exception.Message}", exception);
        }

        var entry = new OutboxEntry(send);
        Append(entry);
        return (entry, true);
    }

    /// <returns>The message of the room that has to be sent next; null when none waits.</returns>
    public OutboxEntry? First(string room) => _rooms.TryGetValue(room, out var entries) ? entries.First?.Value : null;

    /// <returns>Null when it is not waiting any more.</returns>
    public OutboxEntry? Find(string id) => _byId.TryGetValue(id, out var node) ? node.Value : null;

    public void MarkSent(OutboxEntry entry, TimeSpan now)
    {
        if (!entry.WasSent)
        {
            var at = _options.Time.GetUtcNow();
            entry.MarkSent(now, at);
            Try(store => store.MarkSent(entry.Send.Id, at));
        }
    }

    /// <summary>Whether it was first sent so long ago that another try might store it twice.</summary>
    public bool IsExpired(OutboxEntry entry, TimeSpan now) =>
        entry.WasSent && entry.Age(now, _options.Time.GetUtcNow()) > _options.ResendWithin;

    public void Settle(OutboxEntry entry, Position position)
    {
        if (Remove(entry))
        {
            entry.Settle(position);
            _settled(new SettledMessage(entry.Send.Room, entry.Send.Id, position, Error: null));
        }
    }

    public void Fail(OutboxEntry entry, Exception error)
    {
        if (Remove(entry))
        {
            entry.Fail(error);
            _settled(new SettledMessage(entry.Send.Room, entry.Send.Id, Position: null, error));
        }
    }

    public void FailRoom(string room, Exception error)
    {
        foreach (var entry in _rooms.TryGetValue(room, out var entries) ? entries.ToArray() : [])
        {
            Fail(entry, error);
        }
    }

    /// <summary>The client ends. What a store keeps stays there, for the next start of the program; whoever waits is told.</summary>
    public void Abandon(Exception error)
    {
        foreach (var entry in _byId.Values.Select(node => node.Value).ToArray())
        {
            if (_store is null)
            {
                Fail(entry, error);
            }
            else
            {
                entry.Fail(error);
            }
        }
    }

    private void Append(OutboxEntry entry)
    {
        if (!_rooms.TryGetValue(entry.Send.Room, out var entries))
        {
            _rooms[entry.Send.Room] = entries = [];
        }

        _byId[entry.Send.Id] = entries.AddLast(entry);
    }

    private bool Remove(OutboxEntry entry)
    {
        if (!_byId.Remove(entry.Send.Id, out var node))
        {
            return false;
        }

        var entries = _rooms[entry.Send.Room];
        entries.Remove(node);
        if (entries.Count == 0)
        {
            _rooms.Remove(entry.Send.Room);
        }

        Try(store => store.Remove(entry.Send.Id));
        return true;
    }

    /// <summary>What a store fails to note costs a retry after a restart, and no message.</summary>
    private void Try(Action<IOutboxStore> note)
    {
        if (_store is null)
        {
            return;
        }

        try
        {
            note(_store);
        }
#pragma warning disable CA1031 // See above; the store is not ours.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotNoted(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The outbox store did not note what became of a message")]
    private partial void LogNotNoted(Exception exception);
}
