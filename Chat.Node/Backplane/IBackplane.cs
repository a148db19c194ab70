using Chat.Protocol;

namespace Chat.Node.Backplane;

/// <summary>
/// What carries publications between nodes. Each implementation is one delivery strategy (<c>Chat:Delivery</c>),
/// and keeps the promises that docs/strategies.md lists for it: the members below say what <c>log</c> promises.
/// A strategy that numbers nothing gives every publication the offset <see cref="Position.Unnumbered"/> in an epoch of its own,
/// which is also its top; one that keeps nothing reads as an empty room.
/// </summary>
internal interface IBackplane
{
    /// <summary>Stores a message at the room's next position and publishes it to every node.</summary>
    /// <returns>Where it was stored. A repeated key returns the first position and publishes nothing.</returns>
    /// <exception cref="BackplaneUnavailableException">Outcome unknown: retry with the same key.</exception>
    Task<Stored> PublishAsync(NewMessage message, CancellationToken cancellationToken);

    /// <summary>Hands every publication of the room to the subscriber from now on.</summary>
    /// <returns>Once the subscription stands. Disposing it ends the calls.</returns>
    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    Task<IAsyncDisposable> SubscribeAsync(string room, RoomSubscriber subscriber, CancellationToken cancellationToken);

    /// <summary>
    /// Reads what came after a position, all of it or none: see <see cref="CatchUp.Recovered"/>. A strategy that keeps nothing
    /// says that it recovered only if nothing can have been missed, and gives no messages.
    /// </summary>
    /// <param name="after">Null: the newest messages.</param>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    Task<CatchUp> ReadAfterAsync(string room, Position? after, CancellationToken cancellationToken);

    /// <summary>Reads the page that ends just below an offset.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    Task<HistoryPage> ReadBeforeAsync(string room, long before, int limit, CancellationToken cancellationToken);

    /// <summary>The rooms that were written in most recently; direct rooms are left out.</summary>
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    Task<IReadOnlyList<string>> ListRoomsAsync(CancellationToken cancellationToken);
}

/// <summary>Who gets a room's publications. Called one at a time, in order; must not wait for anything.</summary>
/// <param name="Deliver">The next publication.</param>
/// <param name="Reset">What was delivered last and what comes next do not join: the members have to be told.</param>
internal sealed record RoomSubscriber(Action<Publication> Deliver, Action<CatchUp> Reset);

/// <param name="IdempotencyKey">The author and the id the client chose: unique in the room.</param>
/// <param name="Origin">Travels in front of the frame's bytes, for nodes only.</param>
internal sealed record NewMessage(string Room, string IdempotencyKey, MessageTemplate Frame, Origin Origin);

/// <param name="Node">Where the message entered the cluster.</param>
/// <param name="Traceparent">W3C trace context of the append; null when the trace is not sampled.</param>
internal sealed record Origin(string Node, DateTimeOffset ReceivedAt, string? Traceparent);

internal readonly record struct Stored(Position Position, bool Duplicate);

/// <param name="Top">The log's newest position at the moment of reading.</param>
/// <param name="Recovered">False: the log no longer reaches the position asked for; the messages are the newest.</param>
/// <param name="Messages">Oldest first, up to <paramref name="Top"/>.</param>
internal sealed record CatchUp(Position Top, bool Recovered, IReadOnlyList<Publication> Messages);

internal sealed record HistoryPage(IReadOnlyList<Publication> Messages, bool More);

/// <summary>The backplane did not answer in time, or not at all. A retry is safe where an idempotency key is given.</summary>
internal sealed class BackplaneUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
