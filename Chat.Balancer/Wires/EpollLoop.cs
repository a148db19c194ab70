using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Balancer.Wires;

/// <summary>
/// One thread that waits for many wires at once and runs what waits for them. What it runs must not block. A wire's both directions, and
/// both wires of a tunnel, belong to one loop, so that a tunnel is the work of one thread.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class EpollLoop : IDisposable
{
    private const int EventsMax = 256;
    private const int Forever = -1;

    private readonly Lock _lock = new();
    private readonly int _epoll;
    private readonly int _waker;
    private readonly Thread _thread;
    private volatile EpollWire?[] _wires = new EpollWire?[1024];
    private volatile bool _stopping;

    public EpollLoop(string name)
    {
        _epoll = Check(Epoll.Create());
        _waker = Check(Epoll.CreateWaker());
        Check(Epoll.Control(_epoll, Epoll.Add, _waker, Epoll.In));
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Reports the wire's edges from now on; what is ready already is reported at once. Closing the socket ends it.</summary>
    /// <exception cref="Win32Exception">The kernel watches as many as it may; the wire is not reported.</exception>
    public void Add(int descriptor, EpollWire wire)
    {
        lock (_lock)
        {
            if (descriptor >= _wires.Length)
            {
                var larger = new EpollWire?[Math.Max(descriptor + 1, _wires.Length * 2)];
                _wires.CopyTo(larger, 0);
                _wires = larger;
            }

            _wires[descriptor] = wire;
        }

        if (Epoll.Control(_epoll, Epoll.Add, descriptor, Epoll.In | Epoll.Out | Epoll.PeerHangUp | Epoll.EdgeTriggered) < 0)
        {
            var failure = new Win32Exception();
            Remove(descriptor, wire);
            throw failure;
        }
    }

    /// <summary>To be called before the descriptor is closed: its number may then be another wire's.</summary>
    public void Remove(int descriptor, EpollWire wire)
    {
        lock (_lock)
        {
            if (_wires[descriptor] == wire)
            {
                _wires[descriptor] = null;
            }
        }
    }

    public void Dispose()
    {
        if (!_stopping)
        {
            _stopping = true;
            Epoll.Wake(_waker);
        }
    }

    private void Run()
    {
        var events = new byte[EventsMax * Epoll.EventBytes];
        while (!_stopping)
        {
            var count = Epoll.Wait(_epoll, events, Forever);
            if (count < 0 && Marshal.GetLastPInvokeError() != Epoll.Interrupted)
            {
                throw new Win32Exception();
            }

            for (var i = 0; i < count; i++)
            {
                var at = events.AsSpan(i * Epoll.EventBytes, Epoll.EventBytes);
                var descriptor = MemoryMarshal.Read<int>(at[^8..]);
                if (descriptor != _waker)
                {
                    // A wire closed in this same round may leave an event to its successor, which takes it for a false alarm.
                    _wires[descriptor]?.Happened(MemoryMarshal.Read<uint>(at));
                }
            }
        }

        Epoll.Close(_waker);
        Epoll.Close(_epoll);
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception();
}
