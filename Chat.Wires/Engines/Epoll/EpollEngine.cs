using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.Epoll;

/// <summary>epoll(7): one wait a turn, then a system call for each send and receive.</summary>
[SupportedOSPlatform("linux")]
internal sealed class EpollEngine : IEngine
{
    private const int EventsMax = 512;
    private const uint AllOfAWire = EpollCalls.In | EpollCalls.Out | EpollCalls.PeerHangUp | EpollCalls.EdgeTriggered;

    private readonly WireLoop _loop;
    private readonly Descriptors<IEpollTarget> _targets = new();
    private readonly byte[] _events = new byte[EpollCalls.BytesFor(EventsMax)];
    private readonly int _waker;

    /// <exception cref="Win32Exception">No descriptor left.</exception>
    public EpollEngine(WireLoop loop)
    {
        _loop = loop;
        Descriptor = Check(EpollCalls.Create());
        _waker = Check(Libc.CreateEvent());
        Check(EpollCalls.Control(Descriptor, EpollCalls.Add, _waker, EpollCalls.In | EpollCalls.EdgeTriggered));
    }

    public int Descriptor { get; }

    public bool IsIdle => _targets.Count == 0;

    public int BuffersHeld => 0;

    public void Turn(int timeoutMilliseconds)
    {
        foreach (var wire in _loop.Dirty.Take())
        {
            if (!wire.Blocked && wire.CanSend && wire.UnsentBytes > 0)
            {
                wire.FlushNow();
            }
        }

        // A send may have made somebody ready: who waited for it must not sleep through it.
        var count = EpollCalls.Wait(Descriptor, _events, _loop.Dirty.IsEmpty && _loop.Ready.IsEmpty ? timeoutMilliseconds : 0);
        for (var i = 0; i < count; i++)
        {
            var (descriptor, events) = EpollCalls.EventAt(_events, i);
            _targets[descriptor]?.Happened(events);
        }
    }

    public void Wake() => Libc.Notify(_waker);

    public Wire Attach(Socket connected) =>
        TryAdopt(Libc.TakeOver(connected, nonBlocking: true)) ?? throw new SocketException((int)SocketError.NoBufferSpaceAvailable);

    public WireListener Listen(Socket listening) => new EpollListener(_loop, this, listening);

    public async ValueTask<Dialled> ConnectAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        var descriptor = Libc.CreateSocket(endpoint.AddressFamily, Libc.CloseOnExec | Libc.NonBlocking, _loop.Options.DialBufferBytes);
        if (descriptor < 0)
        {
            return new Dialled(null, DialFailure.Local);
        }

        var result = Libc.Connect(descriptor, endpoint.Serialize().Buffer.Span);
        if (result is < 0 and not -Errno.InProgress)
        {
            Libc.Close(descriptor);
            return new Dialled(null, Errno.Explain(-result));
        }

        if (TryAdopt(descriptor) is not { } wire)
        {
            return new Dialled(null, DialFailure.Local);
        }

        // Registering it reports at once what it is already, so the outcome is told even when it is connected by now.
        var dialling = new DialWait(_loop);
        wire.Dial(dialling);
        var error = await dialling.WaitAsync(timeout);
        wire.Dial(null);
        if (error == 0 && !wire.Disposed)
        {
            return new Dialled(wire, DialFailure.None);
        }

        wire.Abort();
        return new Dialled(null, Errno.Explain(error));
    }

    public void CloseAll()
    {
        foreach (var target in _targets.All())
        {
            target.End();
        }
    }

    public void Dispose()
    {
        Libc.Close(_waker);
        Libc.Close(Descriptor);
    }

    public void Own(int descriptor, IEpollTarget target) => _targets.Add(descriptor, target);

    public void Disown(int descriptor) => _targets.Remove(descriptor);

    /// <returns>Null when the kernel watches as many as it may; the descriptor is closed then.</returns>
    public EpollWire? TryAdopt(int descriptor)
    {
        var wire = new EpollWire(_loop, this, descriptor);
        Own(descriptor, wire);
        if (EpollCalls.Control(Descriptor, EpollCalls.Add, descriptor, AllOfAWire) >= 0)
        {
            return wire;
        }

        wire.Abort();
        return null;
    }

    /// <summary>Closing the descriptor takes it out of the kernel's set: no other descriptor is open for the same socket.</summary>
    public void Remove(int descriptor) => Disown(descriptor);

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(-result);
}
