using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>Makes wires of accepted sockets and of new connections to nodes.</summary>
internal interface IWireFactory
{
    /// <param name="accepted">Owned by the wire from now on.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel has no room left; the caller closes the socket.</exception>
    Wire Attach(Socket accepted);

    /// <param name="near">The wire that the new one will exchange bytes with.</param>
    /// <returns>A wire, or why there is none before the deadline. Never an exception: the caller has counted something in.</returns>
    ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, CancellationToken deadline);
}
