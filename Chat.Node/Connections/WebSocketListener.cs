using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>
/// Takes WebSocket requests off a new connection before the HTTP server sees them, so that the connection costs a socket
/// and not an HTTP context. Everything else, and every request that is not perfectly formed, goes on to the HTTP server.
/// </summary>
internal sealed class WebSocketListener(
    ConnectionHost host, OriginPolicy origins, IOptions<NodeOptions> options, TimeProvider time)
{
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        var handshake = socket is null ? null : await ReadHandshakeAsync(connection);
        if (handshake is null)
        {
            await next(connection);
            return;
        }

        var sink = new SocketSink(socket!, options.Value.SystemBytesMax);
        try
        {
            await sink.WriteAsync(Switching(handshake), connection.ConnectionClosed);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It asked and went away.
            return;
        }

        // What this method remembers lives as long as the connection: its token and headers need not.
        var opening = handshake;
        handshake = null;
        await host.RunAsync(opening, connection.Transport.Input.AsStream(), sink, connection.ConnectionClosed);
    }

    private async Task<Handshake?> ReadHandshakeAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(options.Value.HandshakeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        var input = connection.Transport.Input;
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(either.Token);
            }
            catch (OperationCanceledException)
            {
                // The HTTP server has a timeout of its own for what has begun; here nothing more will come.
                connection.Abort(new ConnectionAbortedException("No request within the time for a handshake."));
                return null;
            }

            if (TryTake(read.Buffer, read.IsCompleted, out var handshake, out var consumed, out var wait))
            {
                input.AdvanceTo(consumed);
                return handshake;
            }

            input.AdvanceTo(consumed, wait ? read.Buffer.End : consumed);
            if (!wait)
            {
                return null;
            }
        }
    }

    private bool TryTake(
        ReadOnlySequence<byte> bytes, bool completed, out Handshake? handshake, out SequencePosition consumed, out bool wait)
    {
        (handshake, consumed, wait) = (null, bytes.Start, false);
        if (!HandshakeHead.MayBe(bytes))
        {
            return false;
        }

        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8))
        {
            wait = !completed && bytes.Length < options.Value.HandshakeBytesMax;
            return false;
        }

        if (head.Length > options.Value.HandshakeBytesMax || HandshakeHead.Parse(head.ToArray()) is not { } parsed
            || !origins.Allows(parsed.Origin))
        {
            return false;
        }

        (handshake, consumed) = (parsed, reader.Position);
        return true;
    }

    private static byte[] Switching(Handshake handshake) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Sec-WebSocket-Accept: {handshake.Accept}\r\n\r\n");
}
