using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Chat.Balancer.Admission;
using Chat.Balancer.Cluster;
using Chat.Balancer.Heads;
using Chat.Balancer.Relaying;
using Chat.Balancer.Wires;
using Microsoft.Extensions.Options;
using WireLoop = Chat.Wires.WireLoop;

namespace Chat.Balancer.Listening;

/// <summary>Accepts connections, and leaves well: stops accepting, lets tunnels end, resets the rest when the drain time is over.</summary>
internal sealed partial class BalancerServer(
    Relay relay,
    Tunnels tunnels,
    Leaving leaving,
    ConnectionLimits limits,
    RefusedPlaces refused,
    ServerCertificate certificate,
    TlsQueue tls,
    IWireFactory wires,
    IOptions<BalancerOptions> options,
    ILogger<BalancerServer> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan PausedByLimits = TimeSpan.FromMilliseconds(100);

    private readonly List<Listener> _listeners = [];
    private readonly ConcurrentDictionary<ClientConnection, bool> _requesting = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _accepting = Task.CompletedTask;
    private readonly CancellationTokenSource _closed = new();
    private int _serving = 1;
    private int _operators;

    /// <summary>Where it really listens: port 0 has become a number.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _listeners.Where(listener => !listener.Admin).Select(listener => listener.Address)];

    public IReadOnlyList<IPEndPoint> AdminAddresses => [.. _listeners.Where(listener => listener.Admin).Select(listener => listener.Address)];

    /// <summary>Takes the addresses, so that a taken one is known before anything else starts. Once only; starting does it if nobody has.</summary>
    /// <exception cref="CannotListenException">One is taken, or not this machine's.</exception>
    public void Bind()
    {
        var freePort = 0;
        var admin = ListenAddresses.Parse(options.Value.AdminUrls ?? "").Select(address => address with { Admin = true });
        foreach (var address in ListenAddresses.Parse(options.Value.Urls ?? "http://localhost:8080").Concat(admin))
        {
            // localhost with port 0: both loopbacks get the port that the first was given.
            var port = address.Endpoint.Port == 0 && !address.Admin ? freePort : address.Endpoint.Port;
            var listener = Bind(address with { Endpoint = new IPEndPoint(address.Endpoint.Address, port) });
            freePort = listener.Address.Port;
            _listeners.Add(listener);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_listeners.Count == 0)
        {
            Bind();
        }

        foreach (var listener in _listeners)
        {
            LogListening(listener.Address);
        }

        _accepting = Task.WhenAll(_listeners.Select(listener => Task.Run(() => AcceptAsync(listener), CancellationToken.None)));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        relay.State.Leave();
        await Task.Delay(TimeSpan.FromSeconds(options.Value.LameDuckSeconds), relay.Clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        relay.State.Drain();
        await _closed.CancelAsync();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await _accepting;
        Leave();
        foreach (var (connection, _) in _requesting)
        {
            connection.CloseIfIdle();
        }

        var moving = await leaving.TellNodesAsync(cancellationToken);
        LogDraining(tunnels.Count, options.Value.DrainSeconds);
        using (var enough = new CancellationTokenSource())
        {
            var again = moving ? leaving.TellAgainAsync(enough.Token) : Task.CompletedTask;
            var drained = _empty.Task.WaitAsync(TimeSpan.FromSeconds(options.Value.DrainSeconds), relay.Clock, cancellationToken);
            await drained.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await enough.CancelAsync();
            await again;
        }

        if (!_empty.Task.IsCompleted)
        {
            LogCutting(tunnels.Count);
            tunnels.AbortAll();
        }
    }

    public void Dispose()
    {
        _closed.Dispose();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private Listener Bind(ListenAddress address)
    {
        if (address.Encrypted && !certificate.Given)
        {
            throw new FormatException($"https://{address.Endpoint} needs a certificate: {BalancerOptions.Section}:CertificatePath");
        }

        try
        {
            return new Listener(address, options.Value);
        }
        catch (SocketException exception)
        {
            throw new CannotListenException($"Cannot listen on {address.Endpoint}: {exception.Message}", exception);
        }
    }

    private async Task AcceptAsync(Listener listener)
    {
        while (true)
        {
            try
            {
                if (await listener.AcceptAsync() is not { } socket)
                {
                    return;
                }

                await AdmitAsync(socket, listener);
            }
            catch (OperationCanceledException) when (_closed.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                LogNotAccepted(exception.SocketErrorCode);
                await Task.Delay(PausedByLimits, relay.Clock, CancellationToken.None);
            }
        }
    }

    /// <summary>Serves it, or turns it away: with an answer while there is a place for one more who reads it. At the limit of all this waits for such a place, and nothing is accepted meanwhile.</summary>
    private async ValueTask AdmitAsync(Socket socket, Listener listener)
    {
        if (AddressOf(socket) is not { } address)
        {
            socket.Dispose();
            return;
        }

        if (listener.Admin)
        {
            AdmitOperator(socket, address, listener.Encrypted);
            return;
        }

        if (limits.TryEnter(address) is not { } refusal)
        {
            Run(socket, loop => ServeAsync(loop, socket, address, listener.Encrypted));
            return;
        }

        // A refusal cannot be read before TLS is negotiated, which is work for a client that gets nothing; nor by a proxy that has not spoken.
        var place = listener.Encrypted || options.Value.ProxyProtocol ? null
            : refusal == Refusal.Connections ? await refused.TakeAsync(_closed.Token)
            : refused.TryTake();
        if (place is null)
        {
            relay.Telemetry.Refused(refusal);
            socket.Dispose();
            return;
        }

        Run(socket, loop => RefuseAsync(loop, socket, address, refusal, place));
    }

    private void AdmitOperator(Socket socket, IPAddress address, bool encrypted)
    {
        if (Interlocked.Increment(ref _operators) > options.Value.AdminConnectionsMax)
        {
            Interlocked.Decrement(ref _operators);
            relay.Telemetry.Refused(Refusal.Connections);
            socket.Dispose();
            return;
        }

        Run(socket, async loop =>
        {
            try
            {
                var wire = wires.Attach(loop, socket);
                if ((encrypted ? await EncryptAsync(wire) : wire) is { } ready)
                {
                    await ServeRequestsAsync(ready, address, admin: true);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _operators);
            }
        });
    }

    private void Run(Socket socket, Func<WireLoop, Task> serve)
    {
        Interlocked.Increment(ref _serving);
        var loop = wires.Next();
        _ = loop.RunAsync(async () =>
        {
            try
            {
                await serve(loop);
            }
            catch (Exception exception)
            {
                if (!loop.Stopping)
                {
                    LogFailed(exception);
                }

                socket.Dispose();
            }
            finally
            {
                Leave();
            }
        });
    }

    private async Task ServeAsync(WireLoop loop, Socket socket, IPAddress peer, bool encrypted)
    {
        try
        {
            var wire = wires.Attach(loop, socket);
            if (!options.Value.ProxyProtocol)
            {
                await ServeClientAsync(wire, peer, encrypted);
            }
            else if (await ReadProxyHeaderAsync(wire, peer) is { } client)
            {
                await ServeBehindProxyAsync(wire, client, encrypted);
            }
        }
        finally
        {
            limits.Leave(peer);
        }
    }

    private async Task ServeBehindProxyAsync(Wire wire, IPAddress client, bool encrypted)
    {
        if (!limits.TryEnterAddress(client))
        {
            relay.Telemetry.Refused(Refusal.AddressConnections);
            wire.Abort();
            wire.Dispose();
            return;
        }

        try
        {
            await ServeClientAsync(wire, client, encrypted);
        }
        finally
        {
            limits.LeaveAddress(client);
        }
    }

    private async Task ServeClientAsync(Wire wire, IPAddress address, bool encrypted)
    {
        var ready = encrypted ? await EncryptAsync(wire) : wire;
        if (ready is not null && await ServeRequestsAsync(ready, address, admin: false) is { } tunnel)
        {
            await tunnels.RunAsync(tunnel);
        }
    }

    /// <returns>Null when the peer is none to be believed, or says nothing of the kind in time; the wire is closed then.</returns>
    private async ValueTask<IPAddress?> ReadProxyHeaderAsync(Wire wire, IPAddress peer)
    {
        using var deadline = wire.DeadlineFor(aborts: true);
        deadline.Set(TimeSpan.FromSeconds(options.Value.HeadSeconds));
        var client = relay.Addresses.Trusts(peer) ? await ProxyHeader.ReadAsync(wire, peer) : null;
        if (client is null)
        {
            relay.Telemetry.Refused(Refusal.BadProxyHeader);
            wire.Abort();
            wire.Dispose();
        }

        return client;
    }

    private async Task RefuseAsync(WireLoop loop, Socket socket, IPAddress address, Refusal refusal, IDisposable place)
    {
        using (place)
        {
            using var connection = new ClientConnection(wires.Attach(loop, socket), address, admin: false, relay);
            await connection.RefuseAsync(refusal);
        }
    }

    /// <returns>Null when it is gone already.</returns>
    private static IPAddress? AddressOf(Socket socket)
    {
        try
        {
            return ClientAddresses.Plain(((IPEndPoint)socket.RemoteEndPoint!).Address);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The TLS handshake has as long as a head, and dawdling is as little worth an answer as in a head.</summary>
    private async Task<Wire?> EncryptAsync(Wire wire)
    {
        using var deadline = wire.DeadlineFor(aborts: true);
        deadline.Set(TimeSpan.FromSeconds(options.Value.HeadSeconds));
        if (!await tls.EnterAsync())
        {
            relay.Telemetry.Refused(Refusal.TlsRate);
            wire.Abort();
            wire.Dispose();
            return null;
        }

        var encrypted = await TlsWire.HandshakeAsync(wire, certificate.Context);
        if (encrypted is null)
        {
            relay.Telemetry.Refused(Refusal.TlsHandshake);
        }

        return encrypted;
    }

    private async Task<Tunnel?> ServeRequestsAsync(Wire wire, IPAddress address, bool admin)
    {
        using var connection = new ClientConnection(wire, address, admin, relay);
        _requesting[connection] = true;
        try
        {
            return await connection.ServeAsync();
        }
        finally
        {
            _requesting.TryRemove(connection, out _);
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _serving) == 0)
        {
            _empty.TrySetResult();
        }
    }

    [LoggerMessage(LogLevel.Information, "Listening on {Address}")]
    private partial void LogListening(IPEndPoint address);

    [LoggerMessage(LogLevel.Warning, "A connection was not accepted: {Error}")]
    private partial void LogNotAccepted(SocketError error);

    [LoggerMessage(LogLevel.Information, "Draining {Tunnels} tunnels for at most {DrainSeconds} s")]
    private partial void LogDraining(int tunnels, double drainSeconds);

    [LoggerMessage(LogLevel.Information, "Drain time is over: resetting {Tunnels} tunnels")]
    private partial void LogCutting(int tunnels);

    [LoggerMessage(LogLevel.Error, "A connection failed")]
    private partial void LogFailed(Exception exception);
}
