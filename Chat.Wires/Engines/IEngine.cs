using System.Net;
using System.Net.Sockets;

namespace Chat.Wires.Engines;

/// <summary>
/// What a loop stands on. All of it is called on the loop's thread, <see cref="Wake"/> excepted. An engine tells wires and listeners
/// what has happened; none of that runs a line of the program, which has its turn afterwards.
/// </summary>
internal interface IEngine : IDisposable
{
    /// <summary>No wire and no listener is left, not even one that is being closed.</summary>
    bool IsIdle { get; }

    /// <summary>The engine's own buffers with bytes that nobody has read: 0 when it is idle.</summary>
    int BuffersHeld { get; }

    /// <summary>Hands what was gathered to the kernel, waits for news, and reports them.</summary>
    /// <param name="timeoutMilliseconds">At most so long; -1 for ever.</param>
    void Turn(int timeoutMilliseconds);

    /// <summary>Ends the wait, or the next one. From any thread.</summary>
    void Wake();

    /// <param name="connected">The engine's from now on.</param>
    /// <exception cref="SocketException">No descriptor or memory left; the socket is closed.</exception>
    Wire Attach(Socket connected);

    /// <param name="listening">The engine's from now on.</param>
    WireListener Listen(Socket listening);

    ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout);

    /// <summary>Resets every wire and closes every listener.</summary>
    void CloseAll();
}
