using System.Net;
using System.Net.Sockets;
using Chat.Wires.Timing;

namespace Chat.Wires.Engines.Sockets;

/// <summary>A wire on a socket of the runtime's. Its own waits come back to the loop by the loop's context.</summary>
internal sealed class SocketWire : Wire
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    private readonly SocketEngine _engine;
    private readonly Socket _socket;
    private readonly LoopTimer _again;
    private bool _watching;
    private bool _readable;
    private bool _broken;

    public SocketWire(WireLoop loop, SocketEngine engine, Socket socket)
        : base(loop)
    {
        (_engine, _socket) = (engine, socket);
        _again = new LoopTimer(loop, Writable);
        socket.NoDelay = true;
        socket.Blocking = false;
        RemoteEndPoint = socket.RemoteEndPoint as IPEndPoint;
    }

    public override IPEndPoint? RemoteEndPoint { get; }

    private protected override bool HasNews => _readable || _broken;

    internal override void WantNews()
    {
        if (!_watching && !Disposed)
        {
            _watching = true;
            _engine.Waits++;
            _ = WatchAsync();
        }
    }

    private protected override int ReceiveNow(Span<byte> buffer)
    {
        if (_broken)
        {
            return Broken;
        }

        var received = _socket.Receive(buffer, SocketFlags.None, out var error);
        _readable = error == SocketError.Success;
        return error switch
        {
            SocketError.Success => received,
            SocketError.WouldBlock => NotYet,
            _ => Broken,
        };
    }

    private protected override int SendNow(ReadOnlySpan<byte> bytes)
    {
        var sent = _socket.Send(bytes, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock => 0,
            _ => Broken,
        };
    }

    private protected override int BytesOfOneSend => Outbound.First?.Length ?? 0;

    private protected override int SendQueuedNow() => SendNow(Outbound.First!.Unsent);

    /// <summary>The runtime has no wait for "writable": it is tried again after a moment.</summary>
    private protected override void WantWritable() => _again.Set(Moment);

    private protected override void ShutdownSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was faster.
        }
    }

    private protected override void CloseSocket(bool reset)
    {
        try
        {
            if (reset)
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (SocketException)
        {
            // Already gone.
        }

        _again.Clear();
        _socket.Dispose();
        _engine.Closed(this);
    }

    private async Task WatchAsync()
    {
        try
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None);
            _readable = true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The kernel tells a reset once: the receive that follows would take it for an end.
            _broken = true;
        }

        _watching = false;
        _engine.Waits--;
        Readable();
    }
}
