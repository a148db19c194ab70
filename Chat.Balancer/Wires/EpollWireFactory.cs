using System.ComponentModel;
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

    public async ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, CancellationToken deadline)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            if (Epoll.Connect(socket.SafeHandle, endpoint.Serialize().Buffer.Span) != 0
                && Marshal.GetLastPInvokeError() is var refused && refused != Epoll.InProgress)
            {
                socket.Dispose();
                return Dialled.Failed(refused);
            }

            var wire = new EpollWire(socket, ((EpollWire)near.Carrier).Loop, connecting: true);
            using (deadline.UnsafeRegister(static wire => ((Wire)wire!).Abort(), wire))
            {
                await wire.WritableAsync();
                var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
                if (error == 0)
                {
                    return new Dialled(wire);
                }

                wire.Dispose();
                return Dialled.Failed(error);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or Win32Exception)
        {
            socket?.Dispose();
            return Dialled.Failed(exception, deadline);
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
