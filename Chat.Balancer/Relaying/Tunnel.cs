using System.Buffers;
using Chat.Balancer.Destinations;
using Chat.Balancer.Wires;

namespace Chat.Balancer.Relaying;

/// <summary>
/// Bytes both ways between a client and a node, never looked at. While idle it holds no buffer; a slow reader on one side stops the
/// reading on the other; an end passes as an end, a reset as a reset. It owns both connections.
/// </summary>
/// <param name="buffered">The client: nothing is left in its buffer, but a wait for its first bytes may be under way.</param>
/// <param name="opened">The clock's timestamp.</param>
internal sealed class Tunnel(BufferedWire buffered, Upstream upstream, int bufferBytes, long opened) : IDisposable
{
    private readonly Wire _client = buffered.Wire;
    private readonly Wire _node = upstream.Wire;
    private bool _active;
    private int _idleRounds;
    private long _bytesUp;
    private long _bytesDown;

    public Destination Destination { get; } = upstream.Destination;

    public long Opened { get; } = opened;

    /// <summary>One side has ended its sending.</summary>
    public bool HalfClosed { get; private set; }

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
        buffered.Dispose();
        _client.Dispose();
        upstream.Dispose();
    }

    /// <summary>Resets both sides.</summary>
    public void Abort()
    {
        _client.Abort();
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
        if (buffered.NeedsFill && buffered.IsWatched && !await MoveFirstAsync())
        {
            return;
        }

        while (true)
        {
            await _client.ReadableAsync();
            var moved = await MoveAsync(_client, _node);
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
            var moved = await MoveAsync(_node, _client);
            if (moved <= 0)
            {
                return;
            }

            _bytesDown += moved;
        }
    }

    /// <summary>The wait for the client's first bytes began while its handshake waited.</summary>
    private async ValueTask<bool> MoveFirstAsync()
    {
        var received = await buffered.FillAsync(bufferBytes);
        var sent = received > 0 && await _node.SendAsync(buffered.Buffered);
        buffered.Consume(buffered.Buffered.Length);
        _bytesUp += Math.Max(0, received);
        await EndAsync(_node, received, sent);
        return sent;
    }

    private async ValueTask EndAsync(Wire to, int received, bool sent)
    {
        if (received == 0)
        {
            HalfClosed = true;
            await to.EndSendingAsync();
        }
        else if (!sent)
        {
            Abort();
        }
        else
        {
            _active = true;
        }
    }

    /// <returns>Bytes moved; 0 or less when this direction is over.</returns>
    private async ValueTask<int> MoveAsync(Wire from, Wire to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
        var received = await from.ReceiveAsync(buffer);
        var sent = received > 0 && await to.SendAsync(buffer.AsMemory(0, received));
        ArrayPool<byte>.Shared.Return(buffer);
        await EndAsync(to, received, sent);
        return received == 0 || sent ? received : Wire.Broken;
    }
}
