using System.Buffers;

namespace Chat.Balancer.Wires;

/// <summary>Reads a wire through a rented buffer, which it gives back whenever nothing is left in it.</summary>
internal sealed class BufferedWire(Wire wire) : IDisposable
{
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private Task<int>? _watching;
    private Action? _broken;
    private Action? _ended;

    public Wire Wire { get; } = wire;

    public ReadOnlyMemory<byte> Buffered => _buffer.AsMemory(_start, _end - _start);

    /// <summary>True when a fill comes before any look at <see cref="Buffered"/>: nothing is there, or it is still coming in.</summary>
    public bool NeedsFill => _watching is not null || _start == _end;

    /// <summary>A watch has not been taken up by a fill yet.</summary>
    public bool IsWatched => _watching is not null;

    /// <summary>Receives behind what is buffered.</summary>
    /// <param name="bytesMax">How much may be buffered in all. The caller consumes before that much is.</param>
    /// <returns>Bytes received, 0 at the end, <see cref="Wire.Broken"/> on a reset.</returns>
    public async ValueTask<int> FillAsync(int bytesMax)
    {
        if (_watching is { } watching)
        {
            _watching = null;
            return await watching;
        }

        if (_start == _end)
        {
            Release();
            await Wire.ReadableAsync();
        }

        MakeRoom(bytesMax);
        var received = await Wire.ReceiveAsync(_buffer.AsMemory(_end, bytesMax - (_end - _start)));
        _end += Math.Max(0, received);
        return received;
    }

    /// <summary>
    /// Looks out for the peer while nothing is expected of it; what it sends is kept. <see cref="NeedsFill"/> is true from now on.
    /// </summary>
    /// <param name="broken">Called when the peer resets the connection meanwhile; in place of the one of an earlier watch that still goes on.</param>
    /// <param name="ended">Called when the peer ends its sending.</param>
    public void Watch(int bytesMax, Action broken, Action ended)
    {
        (_broken, _ended) = (broken, ended);
        if (_watching is null && _start == _end)
        {
            _watching = FillAndTellAsync(bytesMax);
        }
    }

    public void Consume(int bytes)
    {
        _start += bytes;
        if (_start == _end)
        {
            Release();
        }
    }

    public void Dispose() => Release();

    private async Task<int> FillAndTellAsync(int bytesMax)
    {
        var received = await FillAsync(bytesMax);
        if (received < 0)
        {
            _broken!();
        }
        else if (received == 0)
        {
            _ended!();
        }

        return received;
    }

    private void MakeRoom(int bytesMax)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(bytesMax);
        if (_start == 0 && _buffer.Length >= bytesMax)
        {
            return;
        }

        var target = _buffer.Length >= bytesMax ? _buffer : ArrayPool<byte>.Shared.Rent(bytesMax);
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _end -= _start;
        _start = 0;
    }

    private void Release()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _start = _end = 0;
    }
}
