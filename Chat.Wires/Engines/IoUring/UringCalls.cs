using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Wires.Engines.IoUring;

/// <summary>The three system calls of io_uring(7), for which libc has no functions. Each returns a negative errno when it fails.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class UringCalls
{
    /// <summary>syscall(2) numbers: the same on x64 and arm64, as of all calls younger than 2019.</summary>
    private const long SetupNumber = 425;
    private const long EnterNumber = 426;
    private const long RegisterNumber = 427;

    public static int Setup(uint entries, ref RingParameters parameters)
    {
        fixed (RingParameters* at = &parameters)
        {
            return Result(syscall(SetupNumber, (nint)entries, (nint)at, 0, 0, 0, 0));
        }
    }

    /// <summary>Submits, and waits for so many completions.</summary>
    public static int Enter(int ring, uint submit, uint completions, EnterFlags flags, WaitArgument* argument) =>
        Result(syscall(EnterNumber, ring, (nint)submit, (nint)completions, (nint)flags, (nint)argument, argument == null ? 0 : sizeof(WaitArgument)));

    public static int Register(int ring, RegisterCode code, void* argument, uint count) =>
        Result(syscall(RegisterNumber, ring, (nint)code, (nint)argument, (nint)count, 0, 0));

    /// <summary>mmap(2), readable and writable: of the ring, or of nothing with -1.</summary>
    /// <exception cref="Win32Exception">No memory.</exception>
    public static byte* Map(nuint bytes, int descriptor, long offset)
    {
        const int ReadWrite = 3, Shared = 1, PrivateAnonymous = 0x22, Populate = 0x8000;
        var mapped = mmap(null, bytes, ReadWrite, descriptor < 0 ? PrivateAnonymous : Shared | Populate, descriptor, offset);
        return (nint)mapped == -1 ? throw new Win32Exception(Marshal.GetLastPInvokeError()) : mapped;
    }

    public static void Unmap(void* start, nuint bytes) => _ = munmap(start, bytes);

    private static int Result(nint result) => result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(long number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* mmap(void* at, nuint bytes, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(void* start, nuint bytes);
}

/// <summary>IORING_ENTER_*, io_uring_enter(2).</summary>
[Flags]
internal enum EnterFlags : uint
{
    None = 0,

    /// <summary>IORING_ENTER_GETEVENTS: with DEFER_TASKRUN the only time at which completions are made.</summary>
    GetEvents = 1 << 0,

    /// <summary>IORING_ENTER_EXT_ARG: the argument is a <see cref="WaitArgument"/>.</summary>
    ExtendedArgument = 1 << 3,
}

/// <summary>struct io_uring_getevents_arg, io_uring_enter2(2).</summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal unsafe struct WaitArgument
{
    public ulong SignalMask;
    public uint SignalMaskBytes;
    public uint MinimumWait;
    public KernelTime* Timeout;
}

/// <summary>struct __kernel_timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelTime
{
    public long Seconds;
    public long Nanoseconds;
}

/// <summary>IORING_REGISTER_*, io_uring_register(2).</summary>
internal enum RegisterCode
{
    /// <summary>IORING_REGISTER_FILES_UPDATE.</summary>
    FilesUpdate = 6,

    /// <summary>IORING_REGISTER_PROBE.</summary>
    Probe = 8,

    /// <summary>IORING_REGISTER_FILES2.</summary>
    Files = 13,

    /// <summary>IORING_REGISTER_PBUF_RING.</summary>
    BufferRing = 22,
}
