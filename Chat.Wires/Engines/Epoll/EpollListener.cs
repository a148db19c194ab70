using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.Epoll;

/// <summary>Level-triggered, so that what one turn leaves is reported in the next; exclusive, so that one loop of several wakes (epoll_ctl(2), EPOLLEXCLUSIVE).</summary>
[SupportedOSPlatform("linux")]
internal sealed class EpollListener : WireListener, IEpollTarget
{
    private readonly EpollEngine _engine;
    private readonly Socket _socket;
    private readonly int _descriptor;
    private bool _accepting;

    public EpollListener(WireLoop loop, EpollEngine engine, Socket socket)
        : base(loop)
    {
        (_engine, _socket) = (engine, socket);
        socket.Blocking = false;
        _descriptor = (int)socket.Handle;
        Address = (IPEndPoint)socket.LocalEndPoint!;
        engine.Own(_descriptor, this);
        StartAccepting();
    }

    public override IPEndPoint Address { get; }

    public void Happened(uint events)
    {
        while (!Disposed && _accepting)
        {
            var accepted = Libc.Accept(_descriptor, Libc.CloseOnExec | Libc.NonBlocking);
            if (accepted >= 0)
            {
                if (_engine.TryAdopt(accepted) is { } wire)
                {
                    Take(wire);
                }
            }
            else if (accepted == -Errno.Again)
            {
                return;
            }
            else if (!Errno.IsOfOneConnection(-accepted))
            {
                Rest($"errno {-accepted}");
            }
        }
    }

    public void End() => Dispose();

    private protected override void StartAccepting()
    {
        if (!_accepting && !Disposed)
        {
            _accepting = EpollCalls.Control(_engine.Descriptor, EpollCalls.Add, _descriptor, EpollCalls.In | EpollCalls.Exclusive) >= 0;
            if (!_accepting)
            {
                Rest("epoll_ctl");
            }
        }
    }

    private protected override void StopAccepting()
    {
        if (_accepting)
        {
            _accepting = false;
            _ = EpollCalls.Control(_engine.Descriptor, EpollCalls.Delete, _descriptor, 0);
        }
    }

    private protected override void CloseSocket()
    {
        StopAccepting();
        _engine.Disown(_descriptor);
        _socket.Dispose();
    }
}
