using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>Wires on the runtime's socket engine.</summary>
internal sealed class SocketWireFactory : IWireFactory
{
    public Wire Attach(Socket accepted) => new SocketWire(accepted);

    public async ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, CancellationToken deadline)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endpoint, deadline);
            return new SocketWire(socket);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            return Dialled.Explain(exception);
        }
    }
}
