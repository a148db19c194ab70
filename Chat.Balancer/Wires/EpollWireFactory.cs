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
                && Marshal.GetLastPInvokeError() is var error and not Epoll.InProgress)
            {
                socket.Dispose();
                return Epoll.Explain(error);
            }

            var wire = new EpollWire(socket, ((EpollWire)near.Carrier).Loop, connecting: true);
            using (deadline.UnsafeRegister(static wire => ((Wire)wire!).Abort(), wire))
            {
                await wire.WritableAsync();
                if (deadline.IsCancellationRequested)
                {
                    // Woken by the abort, which goes on closing it.
                    return DialFailure.Unanswered;
                }

                if (ErrorOf(socket) is var failed and not 0)
                {
                    wire.Dispose();
                    return Epoll.Explain(failed);
                }

                return wire;
            }
        }
        catch (Exception exception) when (exception is Win32Exception or ObjectDisposedException)
        {
            socket?.Dispose();
            return Dialled.Explain(exception);
        }
    }

    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
    }

    /// <summary>As the kernel numbers it.</summary>
    private static int ErrorOf(Socket socket)
    {
        Span<byte> error = stackalloc byte[sizeof(int)];
        _ = socket.GetRawSocketOption(Epoll.SocketLevel, Epoll.SocketError, error);
        return MemoryMarshal.Read<int>(error);
    }
}
