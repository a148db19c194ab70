using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// Buffers that wait for data in place of the wires: io_uring_register_buf_ring(3). The kernel takes the next when bytes have come, so an
/// idle connection holds none. The memory is native and lives as long as the ring: a buffer is either the kernel's, or held here after the
/// completion that named it, and given back once.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class BufferRing : IDisposable
{
    public const int None = -1;
    public const ushort Group = 0;

    private readonly int _count;
    private readonly int _bytes;
    private readonly byte* _memory;
    private readonly Slot* _ring;
    private readonly (int Start, int End, int Next)[] _held;
    private ushort _tail;

    /// <exception cref="Win32Exception">The kernel does not take it.</exception>
    public BufferRing(Ring ring, int count, int bytes)
    {
        (_count, _bytes) = (count, bytes);
        _held = new (int, int, int)[count];
        _ring = (Slot*)UringCalls.Map((nuint)(count * sizeof(Slot)), -1, 0);
        _memory = UringCalls.Map((nuint)count * (nuint)bytes, -1, 0);
        var registration = new Registration { Ring = (ulong)_ring, Entries = (uint)count, Group = Group };
        var result = UringCalls.Register(ring.Descriptor, RegisterCode.BufferRing, &registration, 1);
        if (result < 0)
        {
            Free();
            throw new Win32Exception(-result);
        }

        for (var buffer = 0; buffer < count; buffer++)
        {
            Give(buffer);
        }
    }

    /// <summary>Buffers of which a completion was seen and which were not given back.</summary>
    public int Held { get; private set; }

    /// <summary>Most are held by readers that do not read: what they hold is better moved elsewhere.</summary>
    public bool IsLow => Held > _count / 2;

    public void Take(int buffer, int bytes)
    {
        Held++;
        _held[buffer] = (0, bytes, None);
    }

    /// <summary>Bytes of a held buffer that were not consumed.</summary>
    public ReadOnlySpan<byte> Rest(int buffer) =>
        new(_memory + ((nint)buffer * _bytes) + _held[buffer].Start, _held[buffer].End - _held[buffer].Start);

    public void Consume(int buffer, int bytes) => _held[buffer].Start += bytes;

    /// <summary>The one behind it in a wire's list.</summary>
    public int NextOf(int buffer) => _held[buffer].Next;

    public void Link(int buffer, int next) => _held[buffer].Next = next;

    public void Return(int buffer)
    {
        Held--;
        Give(buffer);
    }

    /// <summary>After the ring is closed: the kernel fills none any more.</summary>
    public void Dispose() => Free();

    private void Give(int buffer)
    {
        ref var slot = ref _ring[_tail & (_count - 1)];
        slot.Address = (ulong)(_memory + ((nint)buffer * _bytes));
        slot.Bytes = (uint)_bytes;
        slot.Buffer = (ushort)buffer;

        // The ring's tail lies in the first slot's unused field. The kernel must see the slot before it.
        Volatile.Write(ref _ring[0].Tail, ++_tail);
    }

    private void Free()
    {
        UringCalls.Unmap(_memory, (nuint)_count * (nuint)_bytes);
        UringCalls.Unmap(_ring, (nuint)(_count * sizeof(Slot)));
    }

    /// <summary>struct io_uring_buf, and the tail of struct io_uring_buf_ring in the first of them.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Slot
    {
        public ulong Address;
        public uint Bytes;
        public ushort Buffer;
        public ushort Tail;
    }

    /// <summary>struct io_uring_buf_reg, io_uring_register(2).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 40)]
    private struct Registration
    {
        public ulong Ring;
        public uint Entries;
        public ushort Group;
        public ushort Flags;
    }
}
