using System.Net;
using System.Net.Sockets;

namespace Aspire.Local.Hosting.Proxying;

/// <summary>The stable address of an endpoint: hands each connection to one of the instances, in turn.</summary>
internal sealed class EndpointProxy : IAsyncDisposable
{
    private const int Backlog = 512;
    private const int PairingTriesMax = 20;

    private readonly IReadOnlyList<Socket> _listeners;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;
    private readonly TunnelSet _tunnels = new();
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<Backend> _backends = [];
    private uint _turn;

    private EndpointProxy(IReadOnlyList<Socket> listeners)
    {
        _listeners = listeners;
        Port = ((IPEndPoint)listeners[0].LocalEndPoint!).Port;
        _accepting = Task.WhenAll(listeners.Select(AcceptAsync));
    }

    public int Port { get; }

    /// <param name="port">0 takes a free one.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static EndpointProxy Listen(int port)
    {
        for (var tries = 1; ; tries++)
        {
            var first = Bind(IPAddress.Loopback, port);
            try
            {
                return new EndpointProxy(Second(((IPEndPoint)first.LocalEndPoint!).Port) is { } second ? [first, second] : [first]);
            }
            catch (SocketException)
            {
                first.Dispose();
                if (port != 0 || tries == PairingTriesMax)
                {
                    throw;
                }
            }
        }
    }

    public void Add(Backend backend)
    {
        lock (_gate)
        {
            _backends = [.. _backends.Where(known => known != backend), backend];
        }
    }

    public void Remove(Backend backend)
    {
        lock (_gate)
        {
            _backends = [.. _backends.Where(known => known != backend)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await _accepting;
        await _tunnels.DisposeAsync();
        _stopped.Dispose();
    }

    /// <summary>"localhost" may mean either address, and programs try both.</summary>
    private static Socket? Second(int port)
    {
        try
        {
            return Socket.OSSupportsIPv6 ? Bind(IPAddress.IPv6Loopback, port) : null;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            return null;
        }
    }

    private static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_stopped.Token);
                client.NoDelay = true;
                _tunnels.Run(client, () => ConnectAsync(_stopped.Token));
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // That client has gone; the next one is none the worse.
            }
        }
    }

    /// <returns>Null when no instance takes the connection.</returns>
    private async Task<Socket?> ConnectAsync(CancellationToken cancellationToken)
    {
        var backends = _backends;
        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0; i < backends.Count; i++)
        {
            if (await backends[(int)((turn + i) % backends.Count)].TryConnectAsync(cancellationToken) is { } socket)
            {
                return socket;
            }
        }

        return null;
    }
}
