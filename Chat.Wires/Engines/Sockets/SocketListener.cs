using System.Net;
using System.Net.Sockets;

namespace Chat.Wires.Engines.Sockets;

/// <summary>Accepts one connection after the other while there is room for it.</summary>
internal sealed class SocketListener : WireListener
{
    private readonly SocketEngine _engine;
    private readonly Socket _socket;
    private bool _wanted;
    private bool _accepting;

    public SocketListener(WireLoop loop, SocketEngine engine, Socket socket)
        : base(loop)
    {
        (_engine, _socket) = (engine, socket);
        Address = (IPEndPoint)socket.LocalEndPoint!;
        StartAccepting();
    }

    public override IPEndPoint Address { get; }

    private protected override void StartAccepting()
    {
        _wanted = true;
        if (!_accepting)
        {
            _accepting = true;
            _engine.Waits++;
            _ = AcceptAllAsync();
        }
    }

    private protected override void StopAccepting() => _wanted = false;

    private protected override void CloseSocket()
    {
        _wanted = false;
        _socket.Dispose();
        _engine.Closed(this);
    }

    private async Task AcceptAllAsync()
    {
        while (_wanted)
        {
            try
            {
                var socket = await _socket.AcceptAsync(CancellationToken.None);
                if (Disposed)
                {
                    socket.Dispose();
                }
                else
                {
                    Take(_engine.Adopt(socket));
                }
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                Rest(exception.SocketErrorCode.ToString());
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                // The listener was closed, or that one connection was lost.
            }
        }

        _accepting = false;
        _engine.Waits--;
    }
}
