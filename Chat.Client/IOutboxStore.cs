namespace Chat.Client;

/// <summary>
/// Keeps messages that are not acked over restarts of the program. A client calls it from one thread at a time and does nothing else
/// meanwhile: what it does has to be short. One store belongs to one client of one user.
/// </summary>
public interface IOutboxStore
{
    /// <summary>What was kept, in the order in which it was added. Called once, when the client is made.</summary>
    /// <exception cref="IOException">It cannot be read: the client is not made.</exception>
    IReadOnlyList<StoredMessage> Load();

    /// <summary>Keeps a message; on return it survives the end of the process.</summary>
    /// <exception cref="Exception">Not kept: the message is refused with <see cref="ChatException.OutboxFailed"/> and not sent.</exception>
    void Add(StoredMessage message);

    /// <summary>The message is about to be sent for the first time: after a restart the time in which it may be sent again counts from here.</summary>
    void MarkSent(string id, DateTimeOffset at);

    /// <summary>The message waits no longer. One that comes back all the same is sent again with its id, which does no harm.</summary>
    void Remove(string id);
}

/// <param name="FirstSentAt">When it was sent for the first time; null when it never was.</param>
/// <param name="Traceparent">W3C trace context of its sender.</param>
public sealed record StoredMessage(string Room, string Id, string Text, DateTimeOffset? FirstSentAt = null, string? Traceparent = null);
