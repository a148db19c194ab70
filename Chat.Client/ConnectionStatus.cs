namespace Chat.Client;

/// <summary>Where a client stands.</summary>
public enum ConnectionState
{
    /// <summary>Not started yet, or stopped by its user.</summary>
    Stopped,
    Connecting,
    Connected,

    /// <summary>Lost, or never reached; it comes back by itself.</summary>
    Waiting,

    /// <summary>Ended for good by the node. <see cref="ChatClient.StartAsync"/> tries again.</summary>
    Closed,
}

/// <param name="Node">The node one is on; null unless connected.</param>
/// <param name="Degraded">The node says that it is cut off from Redis: what is sent waits, live messages may be late.</param>
/// <param name="CloseCode">How the last connection ended; null when it broke, never stood, or there was none.</param>
/// <param name="Error">What ended the last connection, or kept it from standing: a wrong address, TLS, no token, silence. Null while connected.</param>
/// <param name="RetryIn">How long it waits before the next try; null unless waiting.</param>
public sealed record ConnectionStatus(
    ConnectionState State,
    string? Node = null,
    bool Degraded = false,
    int? CloseCode = null,
    Exception? Error = null,
    TimeSpan? RetryIn = null);
