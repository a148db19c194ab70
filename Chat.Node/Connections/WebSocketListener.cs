using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Chat.Node.Connections;

/// <summary>One bound address: runs its WebSockets, and hands all other connections to the HTTP server.</summary>
internal sealed partial class WebSocketListener : IConnectionListener
{
    /// <summary>Connections on their way to the HTTP server, which takes them as they come.</summary>
    private const int OthersMax = 512;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly SocketConnectionContextFactory _http;
    private readonly WebSocketIntake _intake;
    private readonly TimeProvider _time;
    private readonly TimeSpan _endMax;
    private readonly ILogger<WebSocketListener> _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Socket> _others = Channel.CreateBounded<Socket>(OthersMax);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The loop that accepts is the first.
    private int _running = 1;

    /// <param name="socket">Listens; it is this one's from now on.</param>
    public WebSocketListener(
        Socket socket, SocketConnectionContextFactory http, WebSocketIntake intake, NodeOptions options, TimeProvider time, ILogger<WebSocketListener> logger)
    {
        (_socket, _http, _intake, _time, _endMax, _logger) = (socket, http, intake, time, options.CloseTimeout, logger);
        EndPoint = socket.LocalEndPoint!;

        // What is remembered along an accept would be remembered as long as the connection lives.
        using var _ = ExecutionContext.SuppressFlow();
        Task.Run(AcceptAllAsync);
    }

    public EndPoint EndPoint { get; }

    /// <returns>The next connection that is the HTTP server's; null once there will be none.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _others.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_others.Reader.TryRead(out var socket))
            {
                return _http.Create(socket);
            }
        }

        return null;
    }

    /// <summary>Takes no more; what has begun goes on.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _stop.Cancel();
        _socket.Dispose();
        _others.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits a bounded time for the WebSockets, which whoever drains the node has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        await _ended.Task.WaitAsync(_endMax, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _running);
                _ = ServeAsync(socket);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (SocketException exception)
            {
                // This one is lost, or the process has no descriptor left: then the next would fail at once, too.
                LogCannotAccept(exception.Message);
                await Task.Delay(PauseAfterFailure, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        NoteEnd();
    }

    private async Task ServeAsync(Socket socket)
    {
        // Not on the thread that accepts: a peer that has sent everything already would be served there, for as long as it goes on.
        await Task.Yield();
        try
        {
            socket.NoDelay = true;
            if (await _intake.TakeAsync(socket, _stop.Token) is { } handshake)
            {
                await _intake.RunAsync(handshake, socket);
            }
            else
            {
                await _others.Writer.WriteAsync(socket, _stop.Token);
                socket = null!;
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ChannelClosedException)
        {
            // It went away, or said nothing for too long, or we are leaving.
        }
#pragma warning disable CA1031 // Our own fault: it ends this connection and no other.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(exception);
        }
        finally
        {
            socket?.Dispose();
            NoteEnd();
        }
    }

    private void NoteEnd()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            _ended.TrySetResult();
        }
    }

    [LoggerMessage(LogLevel.Warning, "A connection could not be accepted: {Reason}")]
    private partial void LogCannotAccept(string reason);

    [LoggerMessage(LogLevel.Error, "A connection failed")]
    private partial void LogFailed(Exception exception);
}
