using System.Buffers;
using Chat.Balancer.Destinations;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>
/// Bytes both ways between a client and a node, never looked at. While idle it holds no buffer; a slow reader on one side stops the
/// reading on the other; an end passes as an end, a reset as a reset. It owns both connections.
/// </summary>
/// <param name="opened">The clock's timestamp.</param>
internal sealed class Tunnel(Wire client, Upstream upstream, int bufferBytes, long opened) : IDisposable
{
    private readonly Wire _node = upstream.Wire;
    private bool _active;
    private int _idleRounds;
    private long _bytesUp;
    private long _bytesDown;

    public Destination Destination { get; } = upstream.Destination;

    public long Opened { get; } = opened;

    public long BytesUp => Volatile.Read(ref _bytesUp);

    public long BytesDown => Volatile.Read(ref _bytesDown);

    /// <summary>Relays until both directions have ended or one has broken.</summary>
    public async Task RunAsync()
    {
        var up = PumpUpAsync();
        await PumpDownAsync();
        await up;
    }

    public void Dispose()
    {
        client.Dispose();
        upstream.Dispose();
    }

    /// <summary>Resets both sides.</summary>
    public void Abort()
    {
        client.Abort();
        _node.Abort();
    }

    /// <summary>Called at a steady period by one caller.</summary>
    /// <returns>For how many periods in a row nothing has moved.</returns>
    public int CountIdle()
    {
        _idleRounds = _active ? 0 : _idleRounds + 1;
        _active = false;
        return _idleRounds;
    }

    private async Task PumpUpAsync()
    {
        while (true)
        {
            await client.ReadableAsync();
            var moved = await MoveAsync(client, _node);
            if (moved <= 0)
            {
                return;
            }

            _bytesUp += moved;
        }
    }

    private async Task PumpDownAsync()
    {
        while (true)
        {
            await _node.ReadableAsync();
            var moved = await MoveAsync(_node, client);
            if (moved <= 0)
            {
                return;
            }

            _bytesDown += moved;
        }
    }

    /// <returns>Bytes moved; 0 or less when this direction is over.</returns>
    private async ValueTask<int> MoveAsync(Wire from, Wire to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
        var received = await from.ReceiveAsync(buffer);
        var sent = received > 0 && await to.SendAsync(buffer.AsMemory(0, received));
        ArrayPool<byte>.Shared.Return(buffer);
        if (received == 0)
        {
            await to.EndSendingAsync();
        }
        else if (!sent)
        {
            Abort();
            return Wire.Broken;
        }

        _active = true;
        return received;
    }
}
