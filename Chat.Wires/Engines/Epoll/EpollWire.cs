using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.Epoll;

/// <summary>
/// A wire whose descriptor is registered once, edge-triggered, for all that can happen: after that waiting costs no system call. What was
/// reported is remembered until a call says that it is used up, as epoll(7), "Edge-triggered", demands.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class EpollWire(WireLoop loop, EpollEngine engine, int descriptor) : LinuxWire(loop, descriptor), IEpollTarget
{
    private bool _readable;
    private bool _hungUp;
    private DialWait? _dialling;

    private protected override bool HasNews => _readable || _hungUp;

    public void Happened(uint events)
    {
        _hungUp |= (events & (EpollCalls.PeerHangUp | EpollCalls.HangUp | EpollCalls.Error)) != 0;
        _readable |= (events & EpollCalls.In) != 0;
        if (_readable || _hungUp)
        {
            Readable();
        }

        if ((events & (EpollCalls.Out | EpollCalls.HangUp | EpollCalls.Error)) != 0)
        {
            _dialling?.Signal(Libc.PendingError(Descriptor));
            Writable();
        }
    }

    public void End() => Abort();

    /// <summary>Tells the dialler the outcome with the first edge that says writable.</summary>
    public void Dial(DialWait? dialling) => _dialling = dialling;

    internal override void WantNews()
    {
        // Told in any case.
    }

    private protected override int ReceiveNow(Span<byte> buffer)
    {
        if (!HasNews)
        {
            return NotYet;
        }

        if (Loop.Options.DelaysAcks)
        {
            Libc.DelayAcks(Descriptor);
        }

        var received = Libc.Receive(Descriptor, buffer);
        if (received == -Errno.Again)
        {
            (_readable, _hungUp) = (false, false);
            return NotYet;
        }

        // Fewer than asked for: the queue is empty, and what comes next is a new edge. A hang-up has no second one.
        _readable = received == buffer.Length;
        return received >= 0 ? received : received == -Errno.Interrupted ? NotYet : Broken;
    }

    private protected override void WantWritable()
    {
        // The next edge comes by itself when the peer has read.
    }

    private protected override void CloseSocket(bool reset)
    {
        if (reset)
        {
            Libc.ResetOnClose(Descriptor);
        }

        engine.Remove(Descriptor);
        Libc.Close(Descriptor);
    }
}
