using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Listening;

/// <summary>One bound address.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket;

    /// <exception cref="SocketException">The address is taken, or not this machine's.</exception>
    public Listener(ListenAddress listen, BalancerOptions options)
    {
        var address = listen.Endpoint;
        (Encrypted, Admin) = (listen.Encrypted, listen.Admin);
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                _socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            }

            _socket.Bind(address);
            if (options.SocketBufferBytes > 0)
            {
                (_socket.SendBufferSize, _socket.ReceiveBufferSize) = (options.SocketBufferBytes, options.SocketBufferBytes);
            }

            WatchPeers(options.DeadPeerSeconds);
            _socket.Listen(options.BacklogMax);
            Address = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public IPEndPoint Address { get; }

    /// <summary>TLS is spoken here.</summary>
    public bool Encrypted { get; }

    /// <summary>See <see cref="ListenAddress"/>.</summary>
    public bool Admin { get; }

    /// <returns>Null once the listener is disposed.</returns>
    /// <exception cref="SocketException">This one connection was not taken, or the process has no descriptor left; the caller goes on.</exception>
    public async ValueTask<Socket?> AcceptAsync()
    {
        try
        {
            return await _socket.AcceptAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is ObjectDisposedException
            or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
        {
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Linux hands these on to what is accepted: no call more for each connection.</summary>
    private void WatchPeers(int deadPeerSeconds)
    {
        const int Probes = 3;
        const int TcpUserTimeout = 18;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, deadPeerSeconds);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Math.Max(1, deadPeerSeconds / Probes));
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            _socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, BitConverter.GetBytes(deadPeerSeconds * 1000));
        }
    }
}
