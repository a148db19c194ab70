using System.Net.Sockets;
using Chat.Wires;
using Chat.Wires.Engines.Linux;
using Chat.Wires.Engines.Sockets;

namespace Chat.Tests.Wires;

/// <summary>Whom a failed connect speaks against.</summary>
public sealed class DialFailureTests
{
    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, DialFailure.Local)]
    [InlineData(SocketError.AddressNotAvailable, DialFailure.Local)]
    [InlineData(SocketError.NoBufferSpaceAvailable, DialFailure.Local)]
    [InlineData(SocketError.ConnectionRefused, DialFailure.Refused)]
    [InlineData(SocketError.HostUnreachable, DialFailure.Refused)]
    [InlineData(SocketError.TimedOut, DialFailure.Unanswered)]
    [InlineData(SocketError.NetworkUnreachable, DialFailure.Unanswered)]
    public void Errors_of_the_runtime_speak_against_the_peer_or_against_this_machine(SocketError error, DialFailure why) =>
        Assert.Equal(why, SocketEngine.Explain(error));

    [Theory]
    [InlineData(Errno.TooManyFiles, DialFailure.Local)]
    [InlineData(Errno.NoAddress, DialFailure.Local)]
    [InlineData(Errno.NoBuffers, DialFailure.Local)]
    [InlineData(Errno.ConnectionRefused, DialFailure.Refused)]
    [InlineData(Errno.NoRouteToHost, DialFailure.Refused)]
    [InlineData(Errno.TimerExpired, DialFailure.Unanswered)]
    [InlineData(Errno.NetworkUnreachable, DialFailure.Unanswered)]
    public void Errors_of_linux_speak_against_the_peer_or_against_this_machine(int error, DialFailure why) =>
        Assert.Equal(why, Errno.Explain(error));
}
