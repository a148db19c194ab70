using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Chat.Wires;
using Microsoft.AspNetCore.Connections;

namespace Chat.Node.Connections;

/// <summary>
/// One bound address, with a listening socket on each loop. A connection is one method on the loop that took it, from its first byte to its
/// last: a WebSocket's is run here, and every other is handed to the HTTP server.
/// </summary>
internal sealed partial class WebSocketListener : IConnectionListener
{
    /// <summary>Connections on their way to the HTTP server, which takes them as they come.</summary>
    private const int OthersMax = 512;

    private readonly List<(WireLoop Loop, WireListener Listener)> _listeners = [];
    private readonly ConnectionHost _host;
    private readonly OriginPolicy _origins;
    private readonly NodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WebSocketListener> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<WireConnection> _others = Channel.CreateBounded<WireConnection>(OthersMax);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running = 1;
    private int _unbound;

    private WebSocketListener(
        IPEndPoint address, ConnectionHost host, OriginPolicy origins, NodeOptions options, (TimeProvider Time, ILogger<WebSocketListener> Logger) services)
    {
        (_host, _origins, _options) = (host, origins, options);
        (_time, _logger) = services;
        EndPoint = address;
    }

    public EndPoint EndPoint { get; }

    /// <param name="sockets">Each listens on the same address and is its loop's from now on.</param>
    public static async Task<WebSocketListener> StartAsync(
        IReadOnlyList<(WireLoop Loop, Socket Socket)> sockets,
        ConnectionHost host,
        OriginPolicy origins,
        NodeOptions options,
        (TimeProvider Time, ILogger<WebSocketListener> Logger) services)
    {
        var listener = new WebSocketListener((IPEndPoint)sockets[0].Socket.LocalEndPoint!, host, origins, options, services);
        foreach (var (loop, socket) in sockets)
        {
            await loop.RunAsync(() =>
            {
                var accepting = loop.Listen(socket);
                listener._listeners.Add((loop, accepting));
                listener.Enter();
                _ = listener.AcceptAllAsync(accepting);
                return Task.CompletedTask;
            });
        }

        return listener;
    }

    /// <returns>The next connection that is the HTTP server's; null once there will be none.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _others.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_others.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <summary>Takes no more; what has begun goes on.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _unbound, 1) == 0)
        {
            _stop.Cancel();
            foreach (var (loop, listener) in _listeners)
            {
                loop.TryPost(static listener => ((WireListener)listener!).Dispose(), listener);
            }

            _others.Writer.TryComplete();
            Leave();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Waits a bounded time for the WebSockets, which whoever drains the node has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        await _ended.Task.WaitAsync(_options.CloseTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAllAsync(WireListener accepting)
    {
        while (await accepting.AcceptAsync() is { } wire)
        {
            Enter();
            _ = ServeAsync(wire);
        }

        Leave();
    }

    private async Task ServeAsync(Wire wire)
    {
        try
        {
            var (handshake, rest) = await ReadHeadAsync(wire);
            if (handshake is not null)
            {
                wire.Queue(Switching(handshake));
                var running = _host.RunAsync(handshake, new WireTransport(wire), rest, CancellationToken.None);

                // What this method remembers lives as long as the connection: its token and headers need not.
                (handshake, rest) = (null, []);
                await running;
            }
            else if (rest.Length > 0)
            {
                var other = new WireConnection(wire, (IPEndPoint)EndPoint);
                await _others.Writer.WriteAsync(other, _stop.Token);
                await other.RunAsync(rest);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            // We are leaving.
        }
#pragma warning disable CA1031 // Our own fault: it ends this connection and no other.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(exception);
        }
        finally
        {
            // A loop that has ended has closed its wires.
            if (wire.Loop.IsCurrent)
            {
                wire.Dispose();
            }

            Leave();
        }
    }

    /// <summary>Reads until it is clear whose the connection is.</summary>
    /// <returns>
    /// A handshake and what came behind it; or null and what came, which is something else or not perfectly formed: the HTTP server says
    /// what. Nothing at all came in time, or the peer went away, when both are empty.
    /// </returns>
    private async ValueTask<(Handshake? Handshake, byte[] Behind)> ReadHeadAsync(Wire wire)
    {
        using var deadline = wire.Loop.DeadlineFor(wire);
        deadline.Set(_options.HandshakeTimeout);
        await wire.ReadableAsync();
        var buffer = ArrayPool<byte>.Shared.Rent(_options.HandshakeBytesMax);
        try
        {
            for (var length = 0; ;)
            {
                var received = await wire.ReceiveAsync(buffer.AsMemory(length, _options.HandshakeBytesMax - length));
                if (received <= 0)
                {
                    return (null, []);
                }

                length += received;
                if (TryRead(buffer.AsSpan(0, length), out var handshake, out var headBytes) || length == _options.HandshakeBytesMax)
                {
                    return (handshake, buffer[headBytes..length]);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>False when more is needed to tell.</returns>
    private bool TryRead(ReadOnlySpan<byte> bytes, out Handshake? handshake, out int headBytes)
    {
        (handshake, headBytes) = (null, 0);
        if (!HandshakeHead.MayBe(bytes))
        {
            return true;
        }

        if (bytes.IndexOf("\r\n\r\n"u8) is not (>= 0 and var end))
        {
            return false;
        }

        if (HandshakeHead.Parse(bytes[..end]) is { } parsed && _origins.Allows(parsed.Origin))
        {
            (handshake, headBytes) = (parsed, end + 4);
        }

        return true;
    }

    private static byte[] Switching(Handshake handshake) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + $"Sec-WebSocket-Accept: {handshake.Accept}\r\n"
        + (handshake.Offer.Subprotocol is { } chosen ? $"Sec-WebSocket-Protocol: {chosen}\r\n\r\n" : "\r\n"));

    private void Enter() => Interlocked.Increment(ref _running);

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ended.TrySetResult();
        }
    }

    [LoggerMessage(LogLevel.Error, "A connection failed")]
    private partial void LogFailed(Exception exception);
}
