using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Local.Hosting.Running;

/// <summary>Finds ports for programs to listen on, and keeps them from other runs on this machine until disposed.</summary>
/// <remarks>
/// The ports lie below the range from which systems take ports for outgoing connections, so that none of those gets in the way
/// between choosing a port and listening on it. Runs keep out of each other's way with a lock file per port.
/// </remarks>
internal sealed class PortReservations : IDisposable
{
    private const int First = 20_000;
    private const int End = 32_000;
    private const int TriesMax = 1_000;

    private readonly List<FileStream> _locks = [];
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "aspire-local-ports");

    /// <exception cref="InvalidOperationException">No port is free.</exception>
    public int Take()
    {
        Directory.CreateDirectory(_folder);
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var port = Random.Shared.Next(First, End);
            if (TryLock(port) is { } file)
            {
                if (IsFree(port))
                {
                    _locks.Add(file);
                    return port;
                }

                file.Dispose();
            }
        }

        throw new InvalidOperationException($"No free port was found between {First} and {End}.");
    }

    public static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    public void Dispose()
    {
        _locks.ForEach(file => file.Dispose());
        _locks.Clear();
    }

    private FileStream? TryLock(int port)
    {
        try
        {
            var path = Path.Combine(_folder, port.ToString(CultureInfo.InvariantCulture));
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another run has it.
            return null;
        }
    }

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException error)
        {
            // A machine without IPv6 on its loopback does not make a port taken.
            return error.SocketErrorCode == SocketError.AddressNotAvailable;
        }
    }
}
