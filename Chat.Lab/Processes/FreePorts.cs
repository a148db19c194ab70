using System.Net;
using System.Net.Sockets;

namespace Chat.Lab.Processes;

/// <summary>Ports of loopback that nobody listens on. Another program may take one before its user does.</summary>
internal static class FreePorts
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
