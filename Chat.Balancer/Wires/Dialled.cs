using System.ComponentModel;
using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>What came of connecting to a node.</summary>
/// <param name="Wire">Null unless it is connected.</param>
/// <param name="Why">For whoever asks what speaks against the node.</param>
internal readonly record struct Dialled(Wire? Wire, DialFailure Why)
{
    public static implicit operator Dialled(Wire wire) => new(wire, DialFailure.None);

    public static implicit operator Dialled(DialFailure why) => new(null, why);

    /// <param name="failure">Of a socket or of the loop; anything but a socket's error is this machine's own trouble.</param>
    public static DialFailure Explain(Exception failure) => failure switch
    {
        SocketException socket => Explain(socket.SocketErrorCode),
        Win32Exception => DialFailure.Local,
        _ => DialFailure.Unanswered,
    };

    private static DialFailure Explain(SocketError error) => error switch
    {
        SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable => DialFailure.Refused,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable
            or SocketError.AddressAlreadyInUse or SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported
            or SocketError.AccessDenied => DialFailure.Local,
        _ => DialFailure.Unanswered,
    };
}

internal enum DialFailure
{
    None,

    /// <summary>The node's host says that nobody is there.</summary>
    Refused,

    /// <summary>Nobody said anything in time: one lost packet does that.</summary>
    Unanswered,

    /// <summary>This machine has no descriptor, port or memory left: it says nothing about the node.</summary>
    Local,
}
