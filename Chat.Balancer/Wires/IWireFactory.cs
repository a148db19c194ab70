using System.Net;
using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>Makes wires of accepted sockets and of new connections to nodes.</summary>
internal interface IWireFactory
{
    /// <param name="accepted">Owned by the wire from now on.</param>
    Wire Attach(Socket accepted);

    /// <param name="near">The wire that the new one will exchange bytes with.</param>
    /// <returns>A wire, or why the node cannot be reached before the deadline.</returns>
    ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, Wire near, CancellationToken deadline);
}
