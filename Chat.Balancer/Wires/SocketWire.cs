using System.Net.Sockets;

namespace Chat.Balancer.Wires;

/// <summary>A wire on the runtime's own socket engine: every platform has it.</summary>
internal sealed class SocketWire : Wire
{
    private volatile bool _broken;

    public SocketWire(Socket socket)
        : base(socket)
    {
        socket.NoDelay = true;
        socket.Blocking = false;
    }

    public override async ValueTask ReadableAsync()
    {
        try
        {
            await Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, CancellationToken.None);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The kernel tells a reset once: the receive that follows would take it for an end.
            _broken = true;
        }
    }

    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        while (true)
        {
            if (_broken)
            {
                return Broken;
            }

            try
            {
                var received = Socket.Receive(buffer.Span, SocketFlags.None, out var error);
                if (error == SocketError.Success)
                {
                    return received;
                }

                if (error != SocketError.WouldBlock)
                {
                    return Broken;
                }
            }
            catch (ObjectDisposedException)
            {
                return Broken;
            }

            await ReadableAsync();
        }
    }

    public override async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var sent = Socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                return false;
            }

            for (var rest = bytes[Math.Max(0, sent)..]; !rest.IsEmpty;)
            {
                sent = await Socket.SendAsync(rest, SocketFlags.None, CancellationToken.None);
                rest = rest[sent..];
            }

            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    protected override void Detach()
    {
        // Closing the socket completes what is pending.
    }
}
