using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// Descriptors that the ring knows by itself (io_uring_registered_files(7)): a request then needs no look-up in the process's table, with its
/// atomic count. The place in the table is the descriptor's own number. The table holds the socket open, so it is told before a close.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class FileTable
{
    /// <summary>Older kernels let a file go up to a second after its removal, so that the peer would hear of a close that much later.</summary>
    private static readonly Version LetsGoAtOnce = new(6, 13);

    private readonly Ring _ring;
    private readonly int _size;

    /// <param name="size">Without that many, or where the kernel refuses, requests name plain descriptors.</param>
    public FileTable(Ring ring, int size)
    {
        _ring = ring;
        size = Environment.OSVersion.Version >= LetsGoAtOnce ? size : 0;
        var registration = new Registration { Count = (uint)size, Flags = Sparse };
        _size = size > 0 && UringCalls.Register(ring.Descriptor, RegisterCode.Files, &registration, (uint)sizeof(Registration)) >= 0 ? size : 0;
    }

    /// <summary>IORING_RSRC_REGISTER_SPARSE: all places are empty at first.</summary>
    private const uint Sparse = 1;

    /// <returns>What requests on this descriptor have to say.</returns>
    public EntryFlags Add(int descriptor) => descriptor < _size && TrySet(descriptor, descriptor) ? EntryFlags.FixedFile : EntryFlags.None;

    public void Remove(int descriptor) => TrySet(descriptor, -1);

    private bool TrySet(int place, int descriptor)
    {
        var update = new Update { Place = (uint)place, Descriptors = &descriptor };
        return UringCalls.Register(_ring.Descriptor, RegisterCode.FilesUpdate, &update, 1) == 1;
    }

    /// <summary>struct io_uring_rsrc_register, io_uring_register(2).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct Registration
    {
        public uint Count;
        public uint Flags;
    }

    /// <summary>struct io_uring_files_update, io_uring_register(2).</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Update
    {
        public uint Place;
        public uint Reserved;
        public int* Descriptors;
    }
}
