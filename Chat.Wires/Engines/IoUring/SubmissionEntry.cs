using System.Runtime.InteropServices;

namespace Chat.Wires.Engines.IoUring;

/// <summary>struct io_uring_sqe, io_uring_enter(2): one request. Fields of one offset are members of unions there.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct SubmissionEntry
{
    [FieldOffset(0)]
    public Operation Operation;

    [FieldOffset(1)]
    public EntryFlags Flags;

    /// <summary>Of receive and accept: <see cref="MultishotFlags"/>.</summary>
    [FieldOffset(2)]
    public ushort Priority;

    /// <summary>A descriptor, or an index of the registered files with <see cref="EntryFlags.FixedFile"/>.</summary>
    [FieldOffset(4)]
    public int Descriptor;

    /// <summary>Of connect: the address's length (io_uring_prep_connect(3)).</summary>
    [FieldOffset(8)]
    public ulong Offset;

    /// <summary>Memory, or what to cancel (io_uring_prep_cancel(3)).</summary>
    [FieldOffset(16)]
    public ulong Address;

    /// <summary>Bytes; of poll: <see cref="PollMode"/>.</summary>
    [FieldOffset(24)]
    public uint Length;

    /// <summary>msg_flags, accept_flags, cancel_flags or poll32_events.</summary>
    [FieldOffset(28)]
    public uint OperationFlags;

    [FieldOffset(32)]
    public ulong UserData;

    /// <summary>buf_group, with <see cref="EntryFlags.BufferSelect"/>.</summary>
    [FieldOffset(40)]
    public ushort BufferGroup;
}

/// <summary>enum io_uring_op: those used here, io_uring_enter(2).</summary>
internal enum Operation : byte
{
    PollAdd = 6,
    SendMessage = 9,
    Accept = 13,
    AsyncCancel = 14,
    Connect = 16,
    Send = 26,
    Receive = 27,
}

/// <summary>IOSQE_*, io_uring_enter(2), "flags".</summary>
[Flags]
internal enum EntryFlags : byte
{
    None = 0,

    /// <summary>IOSQE_FIXED_FILE.</summary>
    FixedFile = 1 << 0,

    /// <summary>IOSQE_BUFFER_SELECT: the kernel takes a buffer of the group when data is there.</summary>
    BufferSelect = 1 << 5,

    /// <summary>IOSQE_CQE_SKIP_SUCCESS: only a failure is told.</summary>
    SkipSuccess = 1 << 6,
}

/// <summary>ioprio of io_uring_prep_recv_multishot(3) and io_uring_prep_multishot_accept(3).</summary>
internal static class MultishotFlags
{
    /// <summary>IORING_ACCEPT_MULTISHOT.</summary>
    public const ushort Accept = 1 << 0;

    /// <summary>IORING_RECV_MULTISHOT.</summary>
    public const ushort Receive = 1 << 1;
}

/// <summary>io_uring_prep_poll_add(3).</summary>
internal static class PollMode
{
    /// <summary>IORING_POLL_ADD_MULTI.</summary>
    public const uint Multishot = 1 << 0;

    /// <summary>POLLIN and POLLOUT, poll(2).</summary>
    public const uint In = 0x001;
    public const uint Out = 0x004;
}
