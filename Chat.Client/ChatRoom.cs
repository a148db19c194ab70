using System.Threading.Channels;
using Chat.Protocol;
using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>One room: what happens in it, and how to write in it. Stays the same over reconnects.</summary>
public sealed class ChatRoom
{
    private readonly ChatClient _client;
    private readonly Timeline _timeline = new();
    private readonly Channel<RoomEvent> _events;
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ChatRoom(ChatClient client, string name, int eventsMax)
    {
        (_client, Name) = (client, name);
        _events = Channel.CreateBounded<RoomEvent>(new BoundedChannelOptions(eventsMax) { SingleWriter = true });
    }

    public string Name { get; }

    /// <summary>Everything up to here was handed out; null before the first answer.</summary>
    public Position? Last { get; private set; }

    /// <summary>
    /// Everything that happens from the newest messages on, until the client is closed or the room left. Messages come each
    /// once and in order; where that cannot be kept, <see cref="ContinuityLost"/> says so. One reader.
    /// </summary>
    public IAsyncEnumerable<RoomEvent> ReadAllAsync(CancellationToken cancellationToken = default) =>
        _events.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The messages alone.</summary>
    public async IAsyncEnumerable<MessageFrame> ReadMessagesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in ReadAllAsync(cancellationToken))
        {
            if (happened is MessageReceived received)
            {
                yield return received.Message;
            }
        }
    }

    /// <summary>Writes a message. It survives reconnects: the same id is sent again until the node says that it is stored.</summary>
    /// <returns>Where it is stored.</returns>
    /// <exception cref="ChatException">Refused, or the client was closed for good.</exception>
    public Task<Position> SendAsync(string text, CancellationToken cancellationToken = default) =>
        _client.SendAsync(Name, ChatClient.NewMessageId(), text, cancellationToken);

    /// <inheritdoc cref="SendAsync(string, CancellationToken)"/>
    /// <param name="id">1–64 visible ASCII characters: a second send of the same id stores nothing and gives the first position.</param>
    public Task<Position> SendAsync(string id, string text, CancellationToken cancellationToken = default) =>
        _client.SendAsync(Name, id, text, cancellationToken);

    /// <summary>Leaves: nothing more comes.</summary>
    public void Leave() => _client.Leave(this);

    internal Task WaitJoinedAsync(CancellationToken cancellationToken) => _joined.Task.WaitAsync(cancellationToken);

    internal void Disconnect() => _timeline.Disconnect();

    /// <returns>The position to join again from, after a hole; null when all is well.</returns>
    internal async ValueTask<Position?> ApplyAsync(MessageFrame message, CancellationToken cancellationToken)
    {
        var rejoining = _timeline.Rejoining;
        if (_timeline.Apply(message))
        {
            await _events.Writer.WriteAsync(new MessageReceived(message), cancellationToken);
            Last = _timeline.Last;
        }

        return _timeline.Rejoining && !rejoining ? _timeline.Last : null;
    }

    internal async ValueTask ApplyAsync(JoinedFrame joined, CancellationToken cancellationToken)
    {
        foreach (var happened in _timeline.Apply(joined))
        {
            await _events.Writer.WriteAsync(happened, cancellationToken);
        }

        Last = _timeline.Last;
        _joined.TrySetResult();
    }

    internal ValueTask ApplyAsync(RoomEvent happened, CancellationToken cancellationToken) =>
        _events.Writer.WriteAsync(happened, cancellationToken);

    internal void Close(Exception? error)
    {
        _events.Writer.TryComplete(error);
        if (error is not null)
        {
            _joined.TrySetException(error);
        }
        else
        {
            _joined.TrySetCanceled();
        }
    }
}
