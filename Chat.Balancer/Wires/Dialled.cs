using System.ComponentModel;
using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>A connection to a node, or why there is none.</summary>
internal readonly record struct Dialled(Wire? Wire, DialFailure Failure = DialFailure.None)
{
    private const int NoSuchError = 0;
    private const int NetworkUnreachable = 101;
    private const int ConnectionReset = 104;
    private const int ConnectionRefused = 111;
    private const int HostUnreachable = 113;

    /// <param name="error">Linux's number, or the runtime's.</param>
    public static Dialled Failed(int error) => new(null, error switch
    {
        NetworkUnreachable or ConnectionReset or ConnectionRefused or HostUnreachable => DialFailure.Refused,
        (int)SocketError.NetworkUnreachable or (int)SocketError.ConnectionReset or (int)SocketError.ConnectionRefused
            or (int)SocketError.HostUnreachable => DialFailure.Refused,
        _ => DialFailure.Here,
    });

    /// <returns>What it means when dialling threw this.</returns>
    public static Dialled Failed(Exception exception, CancellationToken deadline) => deadline.IsCancellationRequested
        ? new(null, DialFailure.Late)
        : Failed(exception switch
        {
            SocketException socket => (int)socket.SocketErrorCode,
            Win32Exception system => system.NativeErrorCode,
            _ => NoSuchError,
        });
}

internal enum DialFailure
{
    None,

    /// <summary>Nobody listens there, or nobody can be reached: certain.</summary>
    Refused,

    /// <summary>No answer in time. One lost packet is enough for that: the kernel sends the second only after a second.</summary>
    Late,

    /// <summary>This side has no descriptor, port or memory left: it says nothing of the node.</summary>
    Here,
}
