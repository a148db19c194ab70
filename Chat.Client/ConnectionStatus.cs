namespace Chat.Client;

public enum ConnectionState
{
    Connecting,
    Connected,

    /// <summary>Lost; it comes back by itself.</summary>
    Waiting,

    /// <summary>Ended for good.</summary>
    Closed,
}

/// <param name="Node">The node one is on; null unless connected.</param>
/// <param name="Degraded">The node says that it is cut off from Redis.</param>
/// <param name="CloseCode">How the last connection ended; null when there was none.</param>
public sealed record ConnectionStatus(ConnectionState State, string? Node = null, bool Degraded = false, int? CloseCode = null);
