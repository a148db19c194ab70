using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>
/// One TCP connection that holds no buffer while it waits. One reader and one writer at a time; <see cref="Abort"/> and
/// <see cref="StopReceiving"/> from any thread. A peer that breaks the connection is a result here, never an exception.
/// </summary>
internal abstract class Wire : IDisposable
{
    /// <summary>What <see cref="ReceiveAsync"/> returns when the peer reset the connection, or this side aborted it.</summary>
    public const int Broken = -1;

    protected Wire(Socket socket) => Socket = socket;

    /// <summary>A wire around another one's socket.</summary>
    protected Wire(Wire inner) => Socket = inner.Socket;

    protected Socket Socket { get; }

    public virtual bool Encrypted => false;

    /// <summary>The wire that really moves the bytes.</summary>
    public virtual Wire Carrier => this;

    /// <summary>Nothing has come: no byte, no end, no reset.</summary>
    public bool IsQuiet
    {
        get
        {
            try
            {
                return !Socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>Completes when there may be something to receive: bytes, the end, or a reset.</summary>
    public abstract ValueTask ReadableAsync();

    /// <summary>Receives what is there, waiting if nothing is.</summary>
    /// <returns>The number of bytes, 0 at the peer's end of sending, or <see cref="Broken"/>.</returns>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Completes when the kernel has taken every byte: a slow peer holds the caller back.</summary>
    /// <returns>False when the connection is broken.</returns>
    public abstract ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Tells the peer that nothing more comes; it may still send.</summary>
    public virtual ValueTask EndSendingAsync()
    {
        TryShutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes a pending or later receive return 0, and leaves sending possible: how a deadline wakes a reader.</summary>
    public virtual void StopReceiving() => TryShutdown(SocketShutdown.Receive);

    /// <summary>Takes <see cref="StopReceiving"/> back, where that is possible.</summary>
    public virtual void ReceiveAgain()
    {
    }

    /// <summary>Resets the connection: the peer sees an abort, as it should when the other side of a tunnel broke.</summary>
    public void Abort()
    {
        try
        {
            Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Already gone.
        }

        Dispose();
    }

    public void Dispose()
    {
        Detach();
        Socket.Dispose();
    }

    /// <summary>Wakes whoever waits, before the socket closes.</summary>
    protected abstract void Detach();

    private void TryShutdown(SocketShutdown how)
    {
        try
        {
            Socket.Shutdown(how);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }
    }
}
