using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Listening;

/// <summary>One bound address.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket;

    /// <exception cref="SocketException">The address is taken, or not this machine's.</exception>
    public Listener(IPEndPoint address, bool encrypted, int backlogMax)
    {
        Encrypted = encrypted;
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                _socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            }

            _socket.Bind(address);
            _socket.Listen(backlogMax);
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
}
