using Chat.Wires.Engines.Memory;
using Chat.Wires.Sending;

namespace Chat.Wires;

/// <summary>
/// Bytes in native memory that the wires of one loop send from without copying. Each wire that has them queued holds them; so does whoever
/// made them, until he disposes. Nobody changes them after that. Of the loop's thread alone: the count is a plain number.
/// </summary>
public sealed class SharedBytes : IDisposable
{
    private readonly BytePool _pool;
    private int _holders;

    internal SharedBytes(BytePool pool, int capacity) => (_pool, Block) = (pool, new NativeBlock(capacity));

    public int Length { get; private set; }

    internal NativeBlock Block { get; }

    internal int Room => Block.Capacity - Length;

    /// <summary>Next in the pool's list.</summary>
    internal SharedBytes? Next { get; set; }

    internal ReadOnlySpan<byte> Span => Block.Span[..Length];

    /// <summary>The maker holds them no longer. Once.</summary>
    public void Dispose() => Release();

    internal void Lend() => (_holders, Length) = (1, 0);

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Block.Span[Length..]);
        Length += bytes.Length;
    }

    internal void Hold()
    {
        ObjectDisposedException.ThrowIf(_holders <= 0, this);
        _holders++;
    }

    internal void Release()
    {
        ObjectDisposedException.ThrowIf(_holders <= 0, this);
        if (--_holders == 0)
        {
            _pool.Return(this);
        }
    }
}
