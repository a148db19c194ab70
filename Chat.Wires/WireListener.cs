using System.Net;
using System.Net.Sockets;
using Chat.Wires.Receiving;
using Chat.Wires.Timing;

namespace Chat.Wires;

/// <summary>One listening socket on one loop. A connection it takes stays on that loop.</summary>
public abstract class WireListener : IDisposable
{
    private const int SocketLevel = 1;
    private const int ReusePort = 15;

    private readonly Queue<Wire> _taken = new();
    private readonly AcceptWait _accepting;
    private readonly LoopTimer _rest;
    private bool _disposed;

    private protected WireListener(WireLoop loop)
    {
        Loop = loop;
        _accepting = new AcceptWait(loop, this);
        _rest = new LoopTimer(loop, StartAccepting);
    }

    public WireLoop Loop { get; }

    /// <summary>Where it really listens: port 0 has become a number.</summary>
    public abstract IPEndPoint Address { get; }

    internal bool Disposed => _disposed;

    /// <summary>As many wait for the program as may.</summary>
    private protected bool Full => _taken.Count >= Loop.Options.TurnAcceptsMax;

    /// <summary>
    /// Makes a listening socket. With <paramref name="shared"/> several can have one address (SO_REUSEPORT, socket(7), Linux): the kernel
    /// spreads connections over them by a hash of their addresses, whereas loops that wait for one socket together take unevenly.
    /// </summary>
    /// <exception cref="SocketException">The address is taken, or not this machine's.</exception>
    public static Socket Bind(IPEndPoint address, int backlogMax, bool shared)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            }

            if (shared && OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(SocketLevel, ReusePort, [1, 0, 0, 0]);
            }

            // Linux hands it on to what is accepted, which saves a system call for each connection.
            socket.NoDelay = true;
            socket.Bind(address);
            socket.Listen(backlogMax);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <returns>The next connection, the caller's to dispose; null once the listener is disposed.</returns>
    public ValueTask<Wire?> AcceptAsync()
    {
        Loop.CheckThread();
        return _accepting.WaitAsync();
    }

    /// <summary>Takes no more; what was taken and not accepted is closed.</summary>
    public void Dispose()
    {
        Loop.CheckThread();
        if (!_disposed)
        {
            _disposed = true;
            _rest.Clear();
            CloseSocket();
            while (_taken.TryDequeue(out var wire))
            {
                wire.Dispose();
            }

            _accepting.Signal();
        }

        GC.SuppressFinalize(this);
    }

    /// <returns>False when there is none yet.</returns>
    internal bool TryTake(out Wire? wire)
    {
        if (_taken.TryDequeue(out wire) && _taken.Count == Loop.Options.TurnAcceptsMax - 1 && !_rest.IsSet)
        {
            StartAccepting();
        }

        return wire is not null || _disposed;
    }

    private protected void Take(Wire wire)
    {
        _taken.Enqueue(wire);
        _accepting.Signal();
        if (Full)
        {
            StopAccepting();
        }
    }

    /// <summary>No descriptor is left, or no memory: trying on would fail at once, over and over.</summary>
    private protected void Rest(string reason)
    {
        if (!_disposed)
        {
            StopAccepting();
            Loop.NotAccepted(reason);
            _rest.Set(Loop.Options.AcceptPause);
        }
    }

    private protected abstract void StartAccepting();

    private protected abstract void StopAccepting();

    private protected abstract void CloseSocket();
}
