using Chat.Node.Rooms;
using Chat.Wires;

namespace Chat.Node.Connections;

/// <summary>A connection's bytes, both ways, on its loop alone. A peer that is gone is a result here, never an exception.</summary>
internal interface ITransport : IByteSource, IFrameSink
{
    WireLoop Loop { get; }

    /// <summary>To be awaited before each message of a peer that may send many at once: above a turn's number the others come first.</summary>
    ValueTask NextRequestAsync();

    /// <summary>Ends a pending receive, and every later one, with 0.</summary>
    void StopReceiving();

    /// <summary>Lets what is queued go, waits a bounded time for the peer to end, and closes.</summary>
    Task CloseAsync();
}
