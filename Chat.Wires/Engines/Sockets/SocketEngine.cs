using System.Net;
using System.Net.Sockets;

namespace Chat.Wires.Engines.Sockets;

/// <summary>
/// The fallback: the runtime waits for its sockets on threads of its own, and each news is posted to the loop, which costs a hand-over that
/// the other engines do not have. The program's code still runs on the loop alone.
/// </summary>
internal sealed class SocketEngine(WireLoop loop) : IEngine
{
    private readonly HashSet<IDisposable> _open = [];
    private readonly SemaphoreSlim _news = new(0);

    /// <summary>Not before the runtime has said the last word about each socket either.</summary>
    public bool IsIdle => _open.Count == 0 && Waits == 0;

    public int BuffersHeld => 0;

    /// <summary>Operations that are the runtime's.</summary>
    public int Waits { get; set; }

    public void Turn(int timeoutMilliseconds)
    {
        foreach (var wire in loop.Dirty.Take())
        {
            if (!wire.Blocked && wire.CanSend && wire.UnsentBytes > 0)
            {
                wire.FlushNow();
            }
        }

        // A send may have made somebody ready: who waited for it must not sleep through it.
        _news.Wait(loop.Dirty.IsEmpty && loop.Ready.IsEmpty ? timeoutMilliseconds : 0);
    }

    public void Wake() => _news.Release();

    public Wire Attach(Socket connected) => Adopt(connected);

    public WireListener Listen(Socket listening)
    {
        var listener = new SocketListener(loop, this, listening);
        _open.Add(listener);
        return listener;
    }

    public async ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (loop.Options.DialBufferBytes > 0)
            {
                (socket.SendBufferSize, socket.ReceiveBufferSize) = (loop.Options.DialBufferBytes, loop.Options.DialBufferBytes);
            }

            using var deadline = new CancellationTokenSource(timeout, TimeProvider.System);
            await socket.ConnectAsync(endpoint, deadline.Token);
            return new Dialled(Adopt(socket), DialFailure.None);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            return new Dialled(null, exception is SocketException failure ? Explain(failure.SocketErrorCode) : DialFailure.Unanswered);
        }
    }

    public void CloseAll()
    {
        foreach (var open in _open.ToArray())
        {
            if (open is Wire wire)
            {
                wire.Abort();
            }
            else
            {
                open.Dispose();
            }
        }
    }

    public void Dispose() => _news.Dispose();

    public SocketWire Adopt(Socket socket)
    {
        var wire = new SocketWire(loop, this, socket);
        _open.Add(wire);
        return wire;
    }

    public void Closed(IDisposable one) => _open.Remove(one);

    public static DialFailure Explain(SocketError error) => error switch
    {
        SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable => DialFailure.Refused,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable
            or SocketError.AddressAlreadyInUse or SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported
            or SocketError.AccessDenied => DialFailure.Local,
        _ => DialFailure.Unanswered,
    };
}
