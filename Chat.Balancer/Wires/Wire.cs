using Chat.Wires;

namespace Chat.Balancer.Wires;

/// <summary>
/// One TCP connection that holds no buffer while it waits. One reader and one writer at a time, on the wire's loop; <see cref="Abort"/>,
/// <see cref="StopReceiving"/> and <see cref="Dispose"/> from any thread. A peer that breaks the connection is a result here, never an exception.
/// </summary>
internal abstract class Wire : IDisposable
{
    /// <summary>What <see cref="ReceiveAsync"/> returns when the peer reset the connection, or this side aborted it.</summary>
    public const int Broken = -1;

    public virtual bool Encrypted => false;

    /// <summary>Whose thread carries it, and with it the other side of its tunnel.</summary>
    public abstract WireLoop Loop { get; }

    /// <summary>Nothing has come: no byte, no end, no reset.</summary>
    public abstract bool IsQuiet { get; }

    /// <summary>Completes when there may be something to receive: bytes, the end, or a reset.</summary>
    public abstract ValueTask ReadableAsync();

    /// <summary>Receives what is there, waiting if nothing is.</summary>
    /// <returns>The number of bytes, 0 at the peer's end of sending, or <see cref="Broken"/>.</returns>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Completes when the bytes are the caller's again: a slow peer holds the caller back.</summary>
    /// <returns>False when the connection is broken, which may be known at a later call only.</returns>
    public abstract ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>To be awaited before each request of a client that may send many at once: above a turn's number the others come first.</summary>
    public abstract ValueTask NextRequestAsync();

    /// <summary>Tells the peer that nothing more comes; it may still send.</summary>
    public abstract ValueTask EndSendingAsync();

    /// <summary>Makes a pending or later receive return 0, and leaves sending possible: how a deadline wakes a reader.</summary>
    public abstract void StopReceiving();

    /// <summary>Takes <see cref="StopReceiving"/> back, where that is possible.</summary>
    public abstract void ReceiveAgain();

    /// <summary>Resets the connection: the peer sees an abort, as it should when the other side of a tunnel broke.</summary>
    public abstract void Abort();

    public abstract void Dispose();

    /// <summary>Bounds waits on this wire, on its loop. When the time is up the wire's receive ends, or with <paramref name="aborts"/> the wire is reset: for waits in which this side may be the one that sends.</summary>
    public abstract Deadline DeadlineFor(bool aborts = false);
}
