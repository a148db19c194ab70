namespace Chat.Wires.Sending;

/// <summary>What waits in one wire, in order. Empty it holds nothing.</summary>
internal struct Outbound
{
    private const int CopyBytes = 4 * 1024;

    private Segment? _last;

    public Segment? First { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>Queues bytes that others send as well.</summary>
    public void Add(WireLoop loop, SharedBytes bytes)
    {
        bytes.Hold();
        Link(loop, bytes, own: false);
        Bytes += bytes.Length;
    }

    /// <summary>Queues a copy.</summary>
    public void Append(WireLoop loop, ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        if (_last is { Own: true } last)
        {
            var fits = Math.Min(bytes.Length, last.Bytes.Room);
            last.Bytes.Append(bytes[..fits]);
            bytes = bytes[fits..];
        }

        if (!bytes.IsEmpty)
        {
            // A first small send takes a small block, so that many quiet wires hold little; what follows in the same turn takes more.
            var copy = loop.Pool.Rent(First is null ? bytes.Length : Math.Max(bytes.Length, CopyBytes));
            copy.Append(bytes);
            Link(loop, copy, own: true);
        }
    }

    /// <summary>Queues a copy that is never split over two segments.</summary>
    public void AppendWhole(WireLoop loop, ReadOnlySpan<byte> bytes)
    {
        if (_last is { Own: true } last && last.Bytes.Room >= bytes.Length)
        {
            last.Bytes.Append(bytes);
            Bytes += bytes.Length;
            return;
        }

        var copy = loop.Pool.Rent(First is null ? bytes.Length : Math.Max(bytes.Length, CopyBytes));
        copy.Append(bytes);
        Link(loop, copy, own: true);
        Bytes += bytes.Length;
    }

    /// <summary>Drops all that follows the segment of which something was sent.</summary>
    public void DropUnstarted(WireLoop loop)
    {
        if (First is not { Start: > 0 } started)
        {
            Clear(loop);
            return;
        }

        for (var segment = started.Next; segment is not null;)
        {
            var next = segment.Next;
            Bytes -= segment.Length;
            segment.Bytes.Release();
            loop.Segments.Return(segment);
            segment = next;
        }

        started.Next = null;
        _last = started;
    }

    /// <summary>So much was sent.</summary>
    public void Consume(WireLoop loop, int bytes)
    {
        Bytes -= bytes;
        while (bytes > 0)
        {
            var first = First!;
            var part = Math.Min(bytes, first.Length);
            first.Start += part;
            bytes -= part;
            if (first.Length == 0)
            {
                Drop(loop);
            }
        }
    }

    public void Clear(WireLoop loop)
    {
        Bytes = 0;
        while (First is not null)
        {
            Drop(loop);
        }
    }

    private void Link(WireLoop loop, SharedBytes bytes, bool own)
    {
        var segment = loop.Segments.Rent();
        (segment.Bytes, segment.Start, segment.Own) = (bytes, 0, own);
        if (_last is null)
        {
            First = segment;
        }
        else
        {
            _last.Next = segment;
        }

        _last = segment;
    }

    private void Drop(WireLoop loop)
    {
        var first = First!;
        First = first.Next;
        _last = First is null ? null : _last;
        first.Bytes.Release();
        loop.Segments.Return(first);
    }
}
