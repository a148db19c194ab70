using System.Buffers;
using System.Runtime.Versioning;

namespace Chat.Wires.Engines.IoUring;

/// <summary>What has come for one wire and was not read: buffers of the ring, or a copy of them when the ring needs them back.</summary>
[SupportedOSPlatform("linux")]
internal struct Unread()
{
    private int _first = BufferRing.None;
    private int _last = BufferRing.None;
    private byte[]? _moved;
    private int _movedStart;
    private int _movedEnd;

    public int Bytes { get; private set; }

    public void Add(BufferRing buffers, int buffer, int bytes)
    {
        buffers.Take(buffer, bytes);
        Bytes += bytes;
        if (_first == BufferRing.None)
        {
            _first = buffer;
        }
        else
        {
            buffers.Link(_last, buffer);
        }

        _last = buffer;
    }

    public int Read(BufferRing buffers, Span<byte> target)
    {
        var read = ReadMoved(target);
        while (read < target.Length && _first != BufferRing.None)
        {
            var rest = buffers.Rest(_first);
            var part = Math.Min(rest.Length, target.Length - read);
            rest[..part].CopyTo(target[read..]);
            read += part;
            if (part == rest.Length)
            {
                DropFirst(buffers);
            }
            else
            {
                buffers.Consume(_first, part);
            }
        }

        Bytes -= read;
        return read;
    }

    /// <summary>Gives the buffers back and keeps a copy: nobody reads, and others need them.</summary>
    public void Move(BufferRing buffers)
    {
        if (_first == BufferRing.None)
        {
            return;
        }

        var moved = ArrayPool<byte>.Shared.Rent(Bytes);
        var bytes = Bytes;
        Read(buffers, moved);
        (_moved, _movedStart, _movedEnd, Bytes) = (moved, 0, bytes, bytes);
    }

    public void Clear(BufferRing buffers)
    {
        while (_first != BufferRing.None)
        {
            DropFirst(buffers);
        }

        DropMoved();
        Bytes = 0;
    }

    private int ReadMoved(Span<byte> target)
    {
        if (_moved is null)
        {
            return 0;
        }

        var part = Math.Min(_movedEnd - _movedStart, target.Length);
        _moved.AsSpan(_movedStart, part).CopyTo(target);
        _movedStart += part;
        if (_movedStart == _movedEnd)
        {
            DropMoved();
        }

        return part;
    }

    private void DropMoved()
    {
        if (_moved is { } moved)
        {
            _moved = null;
            ArrayPool<byte>.Shared.Return(moved);
        }
    }

    private void DropFirst(BufferRing buffers)
    {
        var first = _first;
        _first = buffers.NextOf(first);
        _last = _first == BufferRing.None ? BufferRing.None : _last;
        buffers.Return(first);
    }
}
