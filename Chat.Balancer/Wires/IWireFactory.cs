using System.Net;
using System.Net.Sockets;
using Chat.Wires;

namespace Chat.Balancer.Wires;

/// <summary>Makes wires of accepted sockets and of new connections to nodes.</summary>
internal interface IWireFactory
{
    /// <summary>The loop for the next client, by turns.</summary>
    WireLoop Next();

    /// <summary>On the loop.</summary>
    /// <param name="accepted">Owned by the wire from now on.</param>
    /// <exception cref="SocketException">The kernel has no room left; the socket is closed.</exception>
    Wire Attach(WireLoop loop, Socket accepted);

    /// <param name="near">The wire that the new one will exchange bytes with. The caller is on its loop.</param>
    /// <returns>A wire, or why there is none in time. Never an exception: the caller has counted something in.</returns>
    ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, TimeSpan timeout);
}
