using System.Net;
using System.Net.Sockets;

namespace Chat.Lab.Processes;

/// <summary>
/// Ports of loopback that nobody listens on, below those that the system gives to connections: while a server is away, none of them may
/// take its port. Another program may still take one before its user does.
/// </summary>
internal static class FreePorts
{
    private const int First = 15_000;
    private const int Count = 17_000;

    // Upward from anywhere: no port is given twice here, and two programs at once hardly meet.
    private static int _last = Random.Shared.Next(Count);

    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }
}
