using Chat.Protocol;
using Microsoft.Extensions.Logging;

namespace Chat.Client;

/// <summary>Connects, and comes back whenever the connection is lost, until it is stopped or closed for good.</summary>
internal sealed partial class Connector(ChatClientOptions options, Session session, Action<ConnectionStatus> tell, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private readonly Backoff _backoff = new(options.BackoffMin, options.BackoffMax, options.Jitter, options.Random);
    private volatile CancellationTokenSource? _waiting;
    private ConnectionStatus _status = new(ConnectionState.Connecting);
    private bool _welcomed;
    private bool _tokenRefused;

    /// <returns>Why it was closed for good; null when it was stopped.</returns>
    public async Task<ChatException?> RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var started = options.Time.GetTimestamp();
            var moved = await ConnectOnceAsync(stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
            {
                break;
            }

            Telemetry.Lost(_status.CloseCode);
            if (Verdict() is { } closed)
            {
                return closed;
            }

            if (options.Time.GetElapsedTime(started) >= options.StableAfter)
            {
                _backoff.Reset();
            }

            if (!moved)
            {
                await WaitAsync(_backoff.Next(), stop).ConfigureAwait(false);
            }
        }

        return null;
    }

    /// <summary>How the last connection ended.</summary>
    public int? CloseCode => _status.CloseCode;

    /// <summary>Somebody does not want to wait: it connects now if it waits.</summary>
    public void Hurry() => _waiting?.Cancel();

    private async Task WaitAsync(TimeSpan wait, CancellationToken stop)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _waiting = waiting;
        LogWaits(Reason(), (long)wait.TotalMilliseconds);
        tell(_status with { State = ConnectionState.Waiting, RetryIn = wait });
        await Task.Delay(wait, options.Time, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _waiting = null;
    }

    /// <returns>Whether the node had asked it to go elsewhere: then there is nothing to wait for.</returns>
    private async Task<bool> ConnectOnceAsync(CancellationToken stop)
    {
        tell(_status with { State = ConnectionState.Connecting });
        _welcomed = false;
        var socket = options.CreateSocket();
        await using var owned = socket.ConfigureAwait(false);
        using var connection = new Connection(socket, options, session, Tell, _logger);
        Exception? error = null;
        try
        {
            var token = await OpenAsync(socket, stop).ConfigureAwait(false);
            await connection.RunAsync(token, stop).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A wrong address, TLS, a token that cannot be had, whatever it throws: the status tells it, and the client comes back.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = exception;
            LogLost(exception);
        }

        session.Lost();
        await socket.CloseAsync(Connection.GoodbyeMax, options.Time).ConfigureAwait(false);
        _status = new ConnectionStatus(ConnectionState.Waiting, CloseCode: socket.CloseCode, Error: error);
        return connection.HasMoved;
    }

    private async Task<string> OpenAsync(IFrameSocket socket, CancellationToken stop)
    {
        var url = options.NextUrl?.Invoke() ?? options.Url;
        using var limit = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            var token = await options.Token(either.Token).ConfigureAwait(false);
            await socket.ConnectAsync(url, token, either.Token).ConfigureAwait(false);
            return token;
        }
        catch (Exception exception) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new TimeoutException($"No connection to {url} within {options.ConnectTimeout.TotalSeconds} s.", exception);
        }
    }

    private void Tell(ConnectionStatus status)
    {
        if (_status.State != ConnectionState.Connected && status.State == ConnectionState.Connected)
        {
            (_welcomed, _tokenRefused) = (true, false);
            Telemetry.Connected();
            LogConnected(status.Node);
        }

        tell(_status = status);
    }

    private string Reason() => _status switch
    {
        { CloseCode: { } code } => $"the node closed with code {code} ({(CloseCode)code})",
        { Error: { } error } => error.Message.TrimEnd('.'),
        _ => "the connection ended without a word",
    };

    private ChatException? Verdict() => _status switch
    {
        { CloseCode: (int)Protocol.CloseCode.BadToken } when MayTryAnotherToken() => null,
        { CloseCode: { } code } when !CloseCodes.Reconnects(code) =>
            new ChatException(ChatException.Closed, $"The node closed the connection for good, with code {code} ({(CloseCode)code})."),
        { Error: ChatException { Code: ChatException.Closed } error } => error,
        _ => null,
    };

    /// <summary>A token that was never taken may be from before the server's last start. Another one is tried, once.</summary>
    private bool MayTryAnotherToken()
    {
        var may = !_welcomed && !_tokenRefused;
        _tokenRefused = true;
        return may;
    }

    [LoggerMessage(LogLevel.Information, "Connected to node {NodeId}")]
    private partial void LogConnected(string? nodeId);

    [LoggerMessage(LogLevel.Debug, "The connection was lost, or did not come about")]
    private partial void LogLost(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Not connected: {Reason}. Connects again in {WaitMs} ms")]
    private partial void LogWaits(string reason, long waitMs);
}
