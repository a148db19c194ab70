using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>One connection: from its <c>hello</c> to its end.</summary>
internal sealed class Connection(IFrameSocket socket, ChatClientOptions options, Session session, Action<ConnectionStatus> tell, ILogger logger) : IDisposable
{
    /// <summary>How long the peer may take for its goodbye.</summary>
    public static readonly TimeSpan GoodbyeMax = TimeSpan.FromSeconds(2);

    private readonly TokenRefresh _refresh = new(options, logger);
    private readonly CancellationTokenSource _silent = new(Timeout.InfiniteTimeSpan, options.Time);
    private readonly CancellationTokenSource _moving = new(Timeout.InfiniteTimeSpan, options.Time);
    private readonly CancellationTokenSource _refreshing = new();
    private TimeSpan _silenceMax = options.ConnectTimeout;
    private ConnectionStatus _status = new(ConnectionState.Connecting);
    private Task _refreshed = Task.CompletedTask;

    /// <summary>The node asked it to go, and it went at a moment of its own.</summary>
    public bool HasMoved => _moving.IsCancellationRequested;

    /// <summary>Runs until the connection ends, is silent for too long, or is asked to leave by the node.</summary>
    /// <param name="token">The one it was opened with.</param>
    /// <exception cref="TimeoutException">The node was silent.</exception>
    /// <exception cref="ChatException">The node speaks another version of the protocol.</exception>
    public async Task RunAsync(string token, CancellationToken stop)
    {
        _silent.CancelAfter(_silenceMax);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(_moving.Token, stop);
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(_silent.Token);
        var leaving = Task.CompletedTask;
        var registration = leave.Token.UnsafeRegister(_ => leaving = LeaveAsync(abort), null);
        try
        {
            while (await socket.ReadAsync(options.FrameBytesMax, abort.Token).ConfigureAwait(false) is { } frame)
            {
                _silent.CancelAfter(_silenceMax);
                options.Received?.Invoke(frame);
                Apply(frame, token);
            }
        }
        catch (OperationCanceledException) when (_silent.IsCancellationRequested && !leave.IsCancellationRequested)
        {
            throw new TimeoutException(_status.Node is { } node
                ? $"Nothing was heard from node {node} for {_silenceMax.TotalSeconds} s."
                : $"No hello came within {_silenceMax.TotalSeconds} s.");
        }
        catch (Exception) when (leave.IsCancellationRequested)
        {
            // It was to end in any case.
        }
        finally
        {
            registration.Unregister();
            abort.Cancel();
            await leaving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _refreshing.Cancel();
            await _refreshed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _silent.Dispose();
        _moving.Dispose();
        _refreshing.Dispose();
    }

    /// <summary>Says goodbye, so that the node learns it and nothing queued is lost; then waits, bounded, for the node's.</summary>
    private async Task LeaveAsync(CancellationTokenSource abort)
    {
        var aborted = abort.Token;
        await socket.CloseAsync(GoodbyeMax, options.Time).ConfigureAwait(false);
        await Task.Delay(GoodbyeMax, options.Time, aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!aborted.IsCancellationRequested)
        {
            abort.Cancel();
        }
    }

    private void Apply(ServerFrame frame, string token)
    {
        switch (frame)
        {
            case HelloFrame hello:
                Begin(hello, token);
                break;
            case PingFrame:
                socket.Send(new PongFrame());
                break;
            case StatusFrame status:
                tell(_status = _status with { Degraded = status.Degraded });
                session.Degraded(status.Degraded);
                break;
            case DrainFrame drain:
                // Everyone on that node was told the same: come back spread over the window.
                _moving.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(0, drain.ReconnectWithinMs) * options.Random()));
                break;
            case ErrorFrame { Code: ErrorCode.BadToken, Room: null }:
                _refresh.Refused();
                break;
            default:
                session.Receive(frame);
                break;
        }
    }

    private void Begin(HelloFrame hello, string token)
    {
        if (hello.Protocol != FrameCodec.ProtocolVersion)
        {
            throw new ChatException(
                ChatException.Closed, $"The node speaks version {hello.Protocol} of the protocol, this client {FrameCodec.ProtocolVersion}.");
        }

        // Without pings silence says nothing.
        _silenceMax = hello.PingSeconds > 0 ? TimeSpan.FromSeconds(hello.PingSeconds) + options.SilenceSlack : Timeout.InfiniteTimeSpan;
        _silent.CancelAfter(_silenceMax);
        session.Opened(hello, socket);
        tell(_status = new ConnectionStatus(ConnectionState.Connected, hello.Node));
        _refreshed = _refresh.RunAsync(token, socket, _refreshing.Token);
    }
}
