using System.Net;
using System.Net.Sockets;
using Chat.Wires;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>Binds the HTTP server's addresses, and keeps for itself the connections that begin with a WebSocket's handshake.</summary>
internal sealed class WebSocketTransport(
    NodeLoops loops, ConnectionHost host, OriginPolicy origins, IOptions<NodeOptions> options, TimeProvider time, ILogger<WebSocketListener> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    /// <exception cref="AddressInUseException">Another program listens there.</exception>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var sockets = new List<(WireLoop, Socket)>();
        try
        {
            Bind((IPEndPoint)endpoint, sockets);
        }
        catch (SocketException exception)
        {
            sockets.ForEach(bound => bound.Item2.Dispose());
            if (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new AddressInUseException(exception.Message, exception);
            }

            throw;
        }

        return await WebSocketListener.StartAsync(sockets, host, origins, options.Value, (time, logger));
    }

    /// <summary>A socket for each loop, between which the kernel spreads the connections. Elsewhere than on Linux it cannot, and the first loop has them all.</summary>
    private void Bind(IPEndPoint address, List<(WireLoop, Socket)> sockets)
    {
        var listening = OperatingSystem.IsLinux() ? loops.All : [loops.All[0]];
        var shared = listening.Count > 1;
        if (shared && address.Port != 0)
        {
            // Sockets that share an address would also share it with another program's: this one alone finds it taken.
            WireListener.Bind(address, backlogMax: 1, shared: false).Dispose();
        }

        foreach (var loop in listening)
        {
            var socket = WireListener.Bind(address, new SocketTransportOptions().Backlog, shared);

            // Handed on to what it accepts. Left to itself the system holds megabytes for a peer that does not read, outside every limit here.
            socket.SendBufferSize = options.Value.SystemBytesMax;
            sockets.Add((loop, socket));
            address = (IPEndPoint)socket.LocalEndPoint!;
        }
    }
}
