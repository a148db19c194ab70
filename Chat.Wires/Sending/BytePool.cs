using System.Numerics;

namespace Chat.Wires.Sending;

/// <summary>A loop's native memory for sends, in powers of 4; larger ones are not kept.</summary>
/// <param name="pooledBytesMax">Kept for the next.</param>
internal sealed class BytePool(int pooledBytesMax) : IDisposable
{
    private const int SmallestLog = 8;
    private const int Classes = 5;

    private readonly SharedBytes?[] _free = new SharedBytes?[Classes];
    private long _pooledBytes;

    /// <summary>Lent and not returned: a leak when it does not come back to 0.</summary>
    public long BytesHeld { get; private set; }

    public SharedBytes Rent(int bytes)
    {
        var size = ClassOf(bytes);
        var capacity = size < Classes ? CapacityOf(size) : bytes;
        var rented = size < Classes ? _free[size] : null;
        if (rented is null)
        {
            rented = new SharedBytes(this, capacity);
        }
        else
        {
            _free[size] = rented.Next;
            _pooledBytes -= capacity;
        }

        BytesHeld += capacity;
        rented.Next = null;
        rented.Lend();
        return rented;
    }

    public void Return(SharedBytes bytes)
    {
        var capacity = bytes.Block.Capacity;
        BytesHeld -= capacity;
        var size = ClassOf(capacity);
        if (size < Classes && _pooledBytes + capacity <= pooledBytesMax)
        {
            bytes.Next = _free[size];
            _free[size] = bytes;
            _pooledBytes += capacity;
        }
        else
        {
            bytes.Block.Dispose();
        }
    }

    /// <summary>What is lent stays with its holders.</summary>
    public void Dispose()
    {
        for (var size = 0; size < Classes; size++)
        {
            for (; _free[size] is { } bytes; _free[size] = bytes.Next)
            {
                bytes.Block.Dispose();
            }
        }
    }

    private static int ClassOf(int bytes) => Math.Max(0, (BitOperations.Log2((uint)Math.Max(1, bytes - 1)) - SmallestLog + 2) / 2);

    private static int CapacityOf(int size) => 1 << (SmallestLog + (size * 2));
}
