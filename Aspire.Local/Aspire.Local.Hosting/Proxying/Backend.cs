using System.Net;
using System.Net.Sockets;

namespace Aspire.Local.Hosting.Proxying;

/// <summary>Where one instance listens.</summary>
internal sealed class Backend(int port)
{
    private static readonly IPAddress[] Addresses = Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Loopback];

    /// <summary>Index of the address that answered last: programs that listen on "localhost" may take only one of the two.</summary>
    private volatile int _preferred;

    public int Port => port;

    /// <returns>Null when nothing listens there.</returns>
    public async Task<Socket?> TryConnectAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Addresses.Length; i++)
        {
            var index = (_preferred + i) % Addresses.Length;
            var socket = new Socket(Addresses[index].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(Addresses[index], port), cancellationToken);
                _preferred = index;
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                throw;
            }
        }

        return null;
    }
}
