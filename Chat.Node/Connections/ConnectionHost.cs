using System.Diagnostics;
using System.Security.Cryptography;
using Chat.Node.Access;
using Chat.Node.Rooms;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>Runs one connection from its handshake to its end, on its loop.</summary>
internal sealed partial class ConnectionHost(
    ConnectionServices services, FrameHandler handler, IOptions<NodeOptions> options, TimeProvider time, ILogger<ConnectionHost> logger)
{
    private readonly NodeOptions _options = options.Value;

    /// <param name="transport">Closed when this returns, and before anything is cleaned up that Redis is asked for.</param>
    /// <param name="first">What came behind the handshake already.</param>
    /// <param name="lost">Set when the server that owns the transport finds the peer gone.</param>
    public async Task RunAsync(Handshake handshake, ITransport transport, byte[] first, CancellationToken lost)
    {
        // A message's trace begins with the message: not with the request that once opened the connection.
        Activity.Current = null;
        AccessToken? token;
        try
        {
            token = await services.Tokens.CheckAsync(handshake.Token).WaitAsync(_options.HandshakeTimeout, time, lost);
        }
        catch (Exception exception) when (exception is TokenCheckException or TimeoutException)
        {
            // Not the client's fault: it comes back.
            LogCannotCheck(exception.Message);
            await RefuseAsync(transport, (int)CloseCode.GoingAway, "the issuer of tokens does not answer");
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (token is null)
        {
            await RefuseAsync(transport, (int)CloseCode.BadToken, services.Tokens.WhyRefused(handshake.Token));
            return;
        }

        var connection = new Connection(NewId(), token, transport, _options, time) { Balancer = handshake.Balancer };
        var traceparent = handshake.Traceparent;

        // What this method remembers lives as long as the connection.
        handshake = null!;
        var reader = new FrameReader(transport, _options.FrameBytesMax, _options.FragmentsPerMessageMax, first);
        first = null!;
        services.Metrics.Opened();
        var admission = Task.CompletedTask;
        try
        {
            // The greeting is the first frame: nobody else knows the connection yet.
            Greet(connection, traceparent);
            services.Table.Add(connection);
            TellState(connection);
            admission = services.Users.AdmitAsync(connection, connection.Aborted);
            await ReadAsync(connection, reader, lost);
        }
        finally
        {
            reader.Dispose();

            // The transport first, the cleaning up after: a slow Redis must not keep a dead connection.
            await EndAsync(connection);
            await transport.CloseAsync();
            await services.Users.RemoveAsync(connection, admission);
        }
    }

    private void Greet(Connection connection, string? traceparent)
    {
        using var activity = Tracing.StartConnect(services.Node.Id, connection.Id, traceparent);
        connection.ConnectSpan = Tracing.Traceparent(activity);
        connection.Send(new HelloFrame(
            FrameCodec.ProtocolVersion,
            services.Node.Id,
            connection.Id,
            connection.User,
            _options.PingPeriod.TotalSeconds,
            new Limits(_options.FrameBytesMax, _options.TextBytesMax, _options.RoomsPerConnectionMax)));
        LogOpened(connection.Id, connection.User);
    }

    /// <summary>What those who were connected before have been told already.</summary>
    private void TellState(Connection connection)
    {
        if (services.Status.IsDraining)
        {
            connection.Close(CloseCode.Drain, "drain");
        }
        else if (services.Status.IsDegraded)
        {
            connection.Send(new StatusFrame(Degraded: true));
            if (!services.Status.IsDegraded)
            {
                // It was over while we said so, and the others were told before us.
                connection.Send(new StatusFrame(Degraded: false));
            }
        }
        else
        {
            services.Status.NoteGreetedWell();
        }
    }

    private async Task ReadAsync(Connection connection, FrameReader reader, CancellationToken lost)
    {
        using var _ = connection.AbortWhen(lost);
        try
        {
            while (await HandleAsync(connection, await reader.ReadAsync(), connection.Aborted))
            {
                connection.Loop.AssertCurrent();
                await connection.NextRequestAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // We have ended it: there is nobody to tell.
        }
#pragma warning disable CA1031 // Our own fault: it ends this connection and no other.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(connection.Id, exception);
            connection.Close(CloseCode.GoingAway, "internal error");
        }
    }

    /// <returns>False when nothing more is to be read.</returns>
    private async ValueTask<bool> HandleAsync(Connection connection, Incoming incoming, CancellationToken cancellationToken)
    {
        connection.NoteAlive();
        switch (incoming.Kind)
        {
            case IncomingKind.Text when connection.IsClosing:
            case IncomingKind.Pong:
                return true;
            case IncomingKind.Text or IncomingKind.Ping when !connection.Frames.TryTake():
                handler.RefuseFlood(connection, incoming);
                return true;
            case IncomingKind.Text:
                services.Metrics.Received();
                await handler.HandleAsync(connection, incoming.Payload, cancellationToken);
                return true;
            case IncomingKind.Ping:
                connection.Send(OutboundFrame.Pong(incoming.Payload.Span));
                return true;
            case IncomingKind.Violation:
                services.Metrics.Rejected("violation");
                connection.Close(CloseCode.ProtocolError, System.Text.Encoding.ASCII.GetString(incoming.Payload.Span));

                // What follows cannot be read as frames any more; only the close is still to be written.
                return false;
            case IncomingKind.Close:
                connection.EchoClose(PeerClose.Code(incoming.Payload.Span));
                return false;
            default:
                return false;
        }
    }

    private async Task EndAsync(Connection connection)
    {
        await connection.FinishAsync();
        connection.Loop.AssertCurrent();
        services.Table.Remove(connection);
        var departure = CloseCodes.Reconnects(connection.CloseCodeSeen) ? Departure.Lost : Departure.Left;
        foreach (var membership in connection.Memberships.Values)
        {
            services.Rooms.Leave(membership, departure);
        }

        services.Metrics.Closed(connection.CloseCodeSeen);
        LogClosed(connection.Id, connection.User, connection.CloseCodeSeen);
    }

    private async Task RefuseAsync(ITransport transport, int code, string reason)
    {
        // A browser shows a page nothing of a failed handshake, but it shows it the close code.
        services.Metrics.Rejected(code == (int)CloseCode.BadToken ? ErrorCode.BadToken : ErrorCode.Unavailable);
        using var limit = new CancellationTokenSource(_options.CloseTimeout, time);
        using var stopping = limit.Token.UnsafeRegister(
            static transport => ((ITransport)transport!).Loop.TryPost(static transport => ((ITransport)transport!).StopReceiving(), transport), transport);
        using var reader = new FrameReader(transport, _options.FrameBytesMax, _options.FragmentsPerMessageMax);
        transport.Queue(OutboundFrame.Close(code, reason).Bytes, shared: null);
        while (await reader.ReadAsync() is { Kind: IncomingKind.Text or IncomingKind.Ping or IncomingKind.Pong })
        {
        }

        await transport.CloseAsync();
    }

    private static string NewId() => RandomNumberGenerator.GetString("0123456789abcdefghjkmnpqrstvwxyz", 16);

    [LoggerMessage(LogLevel.Warning, "Tokens cannot be checked: {Reason}")]
    private partial void LogCannotCheck(string reason);

    [LoggerMessage(LogLevel.Debug, "Connection {ConnectionId} opened for {User}")]
    private partial void LogOpened(string connectionId, string user);

    [LoggerMessage(LogLevel.Debug, "Connection {ConnectionId} of {User} closed with {Code}")]
    private partial void LogClosed(string connectionId, string user, int code);

    [LoggerMessage(LogLevel.Error, "Connection {ConnectionId} failed")]
    private partial void LogFailed(string connectionId, Exception exception);
}
