using System.Runtime.InteropServices;

namespace Chat.Wires.Engines.Memory;

/// <summary>Memory that the collector neither moves nor frees: its owner does.</summary>
internal sealed unsafe class NativeBlock(int capacity) : IDisposable
{
    private byte* _bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, capacity));

    public int Capacity => capacity;

    public nint Address => (nint)_bytes;

    public Span<byte> Span => new(_bytes, capacity);

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
