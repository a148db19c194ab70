using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>
/// Takes the handshake of a WebSocket off a new connection before the HTTP server sees it, so that the connection costs a socket and
/// not an HTTP context. Everything else, and every request that is not perfectly formed, stays in the socket for the HTTP server.
/// </summary>
internal sealed class WebSocketIntake(ConnectionHost host, OriginPolicy origins, IOptions<NodeOptions> options, TimeProvider time)
{
    private const int LingerBytesMax = 256 * 1024;
    private const int LingerBufferBytes = 4096;
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);

    /// <summary>Looks at the first bytes that come.</summary>
    /// <returns>Null when they are something else, or only a part: then not a byte has been taken.</returns>
    /// <exception cref="SocketException">The peer is gone.</exception>
    /// <exception cref="OperationCanceledException">Nothing came in time.</exception>
    public async Task<Handshake?> TakeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using (var timeout = new CancellationTokenSource(options.Value.HandshakeTimeout, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken))
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, either.Token);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(options.Value.HandshakeBytesMax);
        try
        {
            return Take(socket, buffer.AsSpan(0, options.Value.HandshakeBytesMax));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Answers the handshake and runs the connection to its end. The socket stays the caller's.</summary>
    public async Task RunAsync(Handshake handshake, Socket socket)
    {
        // In this order: the sink makes the socket one that does not block, and a stream will not take one of those.
        var input = new NetworkStream(socket, ownsSocket: false);
        var sink = new SocketSink(socket, options.Value.SystemBytesMax);
        var answer = Switching(handshake);
        if (sink.TryWrite(answer) < answer.Length)
        {
            // It asked and went away: there is room for this much in a new socket.
            return;
        }

        var running = host.RunAsync(handshake, input, sink, CancellationToken.None);

        // What this method remembers lives as long as the connection: its token and headers need not.
        handshake = null!;
        await running;
        await LingerAsync(socket);
    }

    private Handshake? Take(Socket socket, Span<byte> buffer)
    {
        var bytes = buffer[..socket.Receive(buffer, SocketFlags.Peek)];
        if (!HandshakeHead.MayBe(bytes) || bytes.IndexOf("\r\n\r\n"u8) is not (>= 0 and var end)
            || HandshakeHead.Parse(bytes[..end]) is not { } handshake || !origins.Allows(handshake.Origin))
        {
            return null;
        }

        socket.Receive(buffer[..(end + 4)], SocketFlags.None);
        return handshake;
    }

    /// <summary>A socket that is closed over bytes nobody has read resets the connection, and the peer may lose the close frame that says why.</summary>
    private async Task LingerAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(LingerMax, time);
        var buffer = ArrayPool<byte>.Shared.Rent(LingerBufferBytes);
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            for (var left = LingerBytesMax; left > 0;)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, limit.Token);
                if (read == 0)
                {
                    break;
                }

                left -= read;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // It is gone, or goes on and on.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Switching(Handshake handshake) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Sec-WebSocket-Accept: {handshake.Accept}\r\n"
        + (handshake.Offer.Subprotocol is { } chosen ? $"Sec-WebSocket-Protocol: {chosen}\r\n\r\n" : "\r\n"));
}
