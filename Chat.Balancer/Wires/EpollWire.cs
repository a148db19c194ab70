using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Chat.Balancer.Wires;

/// <summary>
/// A wire on an own loop. Against the runtime's engine it saves, for each frame, the two peeks that a zero-byte receive costs, and the
/// memory of the engine's operations.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class EpollWire : Wire
{
    private readonly Readiness _readable = new();
    private readonly int _descriptor;
    private volatile Readiness? _writable;
    private volatile bool _hungUp;
    private volatile bool _stopped;
    private volatile bool _detached;

    /// <param name="connecting">The socket is still connecting: it is writable when it is done.</param>
    public EpollWire(Socket socket, EpollLoop loop, bool connecting = false)
        : base(socket)
    {
        _writable = connecting ? new Readiness() : null;
        socket.NoDelay = true;
        socket.Blocking = false;
        Loop = loop;
        _descriptor = (int)socket.Handle;
        loop.Add(_descriptor, this);
    }

    public EpollLoop Loop { get; }

    private static ReadOnlySpan<byte> Off => [0, 0, 0, 0];

    public override ValueTask ReadableAsync() =>
        _hungUp || _stopped || _detached ? ValueTask.CompletedTask : _readable.WaitAsync();

    /// <summary>Completes when sending is worth another try; the first time at once, since edges before it went unnoticed.</summary>
    public ValueTask WritableAsync()
    {
        if (_writable is { } writable)
        {
            return _detached ? ValueTask.CompletedTask : writable.WaitAsync();
        }

        _writable = new Readiness();
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        var received = TryReceive(buffer.Span, out var wouldBlock);
        return wouldBlock ? WaitAndReceiveAsync(buffer) : ValueTask.FromResult(received);
    }

    public override ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sent = TrySend(bytes.Span);
        return sent == bytes.Length ? ValueTask.FromResult(true)
            : sent < 0 ? ValueTask.FromResult(false)
            : WaitAndSendAsync(bytes[sent..]);
    }

    /// <summary>Without a shutdown of the socket: closing it while another thread still is in that call would reset the connection.</summary>
    public override void StopReceiving()
    {
        _stopped = true;
        _readable.Signal();
    }

    public override void ReceiveAgain() => _stopped = false;

    /// <summary>The loop's report.</summary>
    public void Happened(uint events)
    {
        if ((events & (Epoll.PeerHangUp | Epoll.HangUp | Epoll.Error)) != 0)
        {
            _hungUp = true;
        }

        if ((events & (Epoll.Out | Epoll.HangUp | Epoll.Error)) != 0)
        {
            _writable?.Signal();
        }

        if ((events & (Epoll.In | Epoll.PeerHangUp | Epoll.HangUp | Epoll.Error)) != 0)
        {
            _readable.Signal();
        }
    }

    protected override void Detach()
    {
        if (!_detached)
        {
            _detached = true;
            Loop.Remove(_descriptor, this);
            _readable.Signal();
            _writable?.Signal();
        }
    }

    private async ValueTask<int> WaitAndReceiveAsync(Memory<byte> buffer)
    {
        while (true)
        {
            await ReadableAsync();
            var received = TryReceive(buffer.Span, out var wouldBlock);
            if (!wouldBlock)
            {
                return received;
            }
        }
    }

    private async ValueTask<bool> WaitAndSendAsync(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            await WritableAsync();
            var sent = TrySend(rest.Span);
            if (sent < 0)
            {
                return false;
            }

            rest = rest[sent..];
        }

        return true;
    }

    private int TryReceive(Span<byte> buffer, out bool wouldBlock)
    {
        wouldBlock = false;
        if (_stopped)
        {
            return 0;
        }

        var hungUp = _hungUp;
        try
        {
            // Otherwise every frame read is acknowledged by a packet of its own, which on loopback is a third of what forwarding
            // it costs. The kernel forgets the wish after a pause, so it is renewed; the standard limit of 40 ms stays.
            Socket.SetRawSocketOption(Epoll.TcpLevel, Epoll.TcpQuickAck, Off);
            var received = Socket.Receive(buffer, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                // The hang-up was a predecessor's; one that has come meanwhile stays.
                _hungUp = _hungUp && !hungUp;
                wouldBlock = !_detached;
                return Broken;
            }

            if (error == SocketError.Success && received == buffer.Length)
            {
                // There may be more, and no new edge will say so. Fewer bytes than asked for mean that there is not.
                _readable.Signal();
            }

            return error == SocketError.Success ? received : Broken;
        }
        catch (ObjectDisposedException)
        {
            return Broken;
        }
    }

    /// <returns>Bytes that the kernel took, or <see cref="Wire.Broken"/>.</returns>
    private int TrySend(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var sent = Socket.Send(bytes, SocketFlags.None, out var error);
            return error == SocketError.Success ? sent : error == SocketError.WouldBlock && !_detached ? 0 : Broken;
        }
        catch (ObjectDisposedException)
        {
            return Broken;
        }
    }
}
