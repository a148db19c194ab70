using Chat.Protocol.Frames;

namespace Chat.Client;

/// <summary>What frames travel on: one reader, any number of writers, one connection.</summary>
internal interface IFrameSocket : IAsyncDisposable
{
    /// <summary>The code of the peer's close frame; null when it just went away.</summary>
    int? CloseCode { get; }

    /// <exception cref="Exception">Refused or not reached: whatever the transport throws, the client waits and tries again.</exception>
    Task ConnectAsync(Uri url, string token, CancellationToken cancellationToken);

    /// <summary>Never waits. What is queued is bounded by the outbox and by the number of rooms.</summary>
    void Send(ClientFrame frame);

    /// <returns>Null when the connection has ended: see <see cref="CloseCode"/>.</returns>
    Task<ServerFrame?> ReadAsync(int bytesMax, CancellationToken cancellationToken);

    /// <summary>Sends what is queued and a goodbye if the peer still listens, and waits a bounded time for that.</summary>
    Task CloseAsync(TimeSpan timeout, TimeProvider time);
}
