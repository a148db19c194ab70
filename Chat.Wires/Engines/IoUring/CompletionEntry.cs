using System.Runtime.InteropServices;

namespace Chat.Wires.Engines.IoUring;

/// <summary>struct io_uring_cqe, io_uring_enter(2): what became of a request.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal readonly struct CompletionEntry
{
    /// <summary>IORING_CQE_BUFFER_SHIFT.</summary>
    private const int BufferShift = 16;

    public readonly ulong UserData;

    /// <summary>As the system call would have returned it, a failure as a negative errno.</summary>
    public readonly int Result;

    private readonly uint _flags;

    /// <summary>IORING_CQE_F_MORE: the request goes on.</summary>
    public bool More => (_flags & (1 << 1)) != 0;

    /// <summary>IORING_CQE_F_BUFFER: <see cref="Buffer"/> was filled, and is ours until it is given back.</summary>
    public bool HasBuffer => (_flags & (1 << 0)) != 0;

    public int Buffer => (int)(_flags >> BufferShift);
}
