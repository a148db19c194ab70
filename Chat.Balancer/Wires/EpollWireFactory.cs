using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Balancer.Wires;

/// <summary>Wires on a few own loops.</summary>
[SupportedOSPlatform("linux")]
internal sealed class EpollWireFactory(int loops) : IWireFactory, IDisposable
{
    private readonly EpollLoop[] _loops = [.. Enumerable.Range(0, loops).Select(number => new EpollLoop($"wires {number}"))];

    private uint _next;

    public Wire Attach(Socket accepted) => new EpollWire(accepted, _loops[Interlocked.Increment(ref _next) % _loops.Length]);

    public async ValueTask<Wire?> ConnectAsync(IPEndPoint endpoint, Wire near, CancellationToken deadline)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            if (Epoll.Connect(socket.SafeHandle, endpoint.Serialize().Buffer.Span) != 0
                && Marshal.GetLastPInvokeError() != Epoll.InProgress)
            {
                socket.Dispose();
                return null;
            }

            var wire = new EpollWire(socket, ((EpollWire)near.Carrier).Loop, connecting: true);
            using (deadline.UnsafeRegister(static wire => ((Wire)wire!).Abort(), wire))
            {
                await wire.WritableAsync();
                var connected = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0;
                return connected ? wire : throw new SocketException((int)SocketError.ConnectionRefused);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }
}
