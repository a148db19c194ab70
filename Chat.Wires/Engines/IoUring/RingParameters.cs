using System.Runtime.InteropServices;

namespace Chat.Wires.Engines.IoUring;

/// <summary>struct io_uring_params, io_uring_setup(2): wishes in, offsets into the shared memory out.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal struct RingParameters
{
    public uint SubmissionEntries;
    public uint CompletionEntries;
    public SetupFlags Flags;
    public uint PollThreadCpu;
    public uint PollThreadIdle;
    public RingFeatures Features;
    public uint WorkersDescriptor;
    public uint Reserved0;
    public uint Reserved1;
    public uint Reserved2;
    public SubmissionOffsets Submission;
    public CompletionOffsets Completion;
}

/// <summary>struct io_sqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct SubmissionOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
}

/// <summary>struct io_cqring_offsets.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct CompletionOffsets
{
    public uint Head;
    public uint Tail;
    public uint Mask;
    public uint Entries;
    public uint Overflow;
    public uint Completions;
}

/// <summary>IORING_SETUP_*, io_uring_setup(2).</summary>
[Flags]
internal enum SetupFlags : uint
{
    /// <summary>IORING_SETUP_CQSIZE: the completion queue's size is ours to choose.</summary>
    CompletionSize = 1 << 3,

    /// <summary>IORING_SETUP_SUBMIT_ALL: a bad request does not hold up those behind it.</summary>
    SubmitAll = 1 << 7,

    /// <summary>IORING_SETUP_COOP_TASKRUN: completions do not interrupt the thread.</summary>
    CooperativeTaskRun = 1 << 8,

    /// <summary>IORING_SETUP_SINGLE_ISSUER: the thread that made the ring alone submits, which needs fewer locks.</summary>
    SingleIssuer = 1 << 12,

    /// <summary>IORING_SETUP_DEFER_TASKRUN (Linux 6.1): what has come in is worked on inside our own enter alone, all of it together.</summary>
    DeferTaskRun = 1 << 13,
}

/// <summary>IORING_FEAT_*, io_uring_setup(2).</summary>
[Flags]
internal enum RingFeatures : uint
{
    /// <summary>IORING_FEAT_SINGLE_MMAP: one mapping holds both queues.</summary>
    SingleMapping = 1 << 0,

    /// <summary>IORING_FEAT_NODROP: a full completion queue keeps what does not fit.</summary>
    NoDrop = 1 << 1,

    /// <summary>IORING_FEAT_EXT_ARG: a wait has a timeout of its own.</summary>
    ExtendedArgument = 1 << 8,

    /// <summary>IORING_FEAT_CQE_SKIP: IOSQE_CQE_SKIP_SUCCESS is known.</summary>
    SkipSuccess = 1 << 11,
}
