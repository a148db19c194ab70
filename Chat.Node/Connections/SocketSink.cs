using System.Net.Sockets;
using Chat.Node.Rooms;

namespace Chat.Node.Connections;

/// <summary>Writes straight to the socket: no task, no copy and no allocation while the peer keeps up.</summary>
internal sealed class SocketSink : IFrameSink
{
    private readonly Socket _socket;

    /// <param name="systemBytesMax">What the system may hold for a peer that does not read. Left to itself it holds megabytes, outside every limit here.</param>
    public SocketSink(Socket socket, int systemBytesMax)
    {
        _socket = socket;
        _socket.SendBufferSize = systemBytesMax;
        _socket.Blocking = false;
    }

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var written = _socket.Send(bytes, SocketFlags.None, out var error);
            return error == SocketError.Success ? written : 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw new IOException("The peer is gone.", exception);
        }
    }
}
