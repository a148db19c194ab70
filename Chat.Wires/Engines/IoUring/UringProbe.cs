using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.IoUring;

/// <summary>Whether this kernel, and whatever guards it, lets us use io_uring. Asked once, at start.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class UringProbe
{
    private const RingFeatures Needed = RingFeatures.SingleMapping | RingFeatures.NoDrop | RingFeatures.ExtendedArgument | RingFeatures.SkipSuccess;

    /// <returns>Why not, or null.</returns>
    public static string? WhatIsMissing(WireOptions options)
    {
        try
        {
            using var ring = new Ring(8, 2);
            if ((ring.Features & Needed) != Needed)
            {
                return $"the kernel lacks {Needed & ~ring.Features}";
            }

            if (MissingOperation(ring) is { } operation)
            {
                return $"the kernel lacks the operation {operation}";
            }

            using var buffers = new BufferRing(ring, 8, options.ReceiveBufferBytes);
            return null;
        }
        catch (Win32Exception exception)
        {
            return Explain(exception.NativeErrorCode);
        }
    }

    /// <summary>io_uring_setup(2), "ERRORS".</summary>
    public static string Explain(int error) => error switch
    {
        Errno.NoSystemCall => "the kernel has no io_uring (ENOSYS)",
        Errno.NotPermitted or Errno.AccessDenied => "it is forbidden (EPERM): by seccomp, or by kernel.io_uring_disabled",
        Errno.Invalid => "the kernel is older than 6.1 (EINVAL)",
        Errno.NoMemory => "the limit of locked memory is too low (ENOMEM)",
        Errno.TooManyFiles or Errno.TooManyFilesOnSystem => "no descriptor is left (EMFILE)",
        _ => $"io_uring_setup failed with errno {error}",
    };

    private static Operation? MissingOperation(Ring ring)
    {
        const int OperationsMax = 256;
        var probe = stackalloc byte[sizeof(ProbeHead) + (OperationsMax * sizeof(ProbedOperation))];
        new Span<byte>(probe, sizeof(ProbeHead) + (OperationsMax * sizeof(ProbedOperation))).Clear();
        if (UringCalls.Register(ring.Descriptor, RegisterCode.Probe, probe, OperationsMax) < 0)
        {
            return default(Operation);
        }

        var head = (ProbeHead*)probe;
        var operations = (ProbedOperation*)(probe + sizeof(ProbeHead));
        foreach (var needed in Enum.GetValues<Operation>())
        {
            if ((byte)needed > head->Last || (operations[(byte)needed].Flags & ProbedOperation.Supported) == 0)
            {
                return needed;
            }
        }

        return null;
    }

    /// <summary>struct io_uring_probe, io_uring_register(2), IORING_REGISTER_PROBE.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct ProbeHead
    {
        public byte Last;
        public byte Count;
    }

    /// <summary>struct io_uring_probe_op.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 8)]
    private struct ProbedOperation
    {
        /// <summary>IO_URING_OP_SUPPORTED.</summary>
        public const ushort Supported = 1;

        public byte Operation;
        public byte Reserved;
        public ushort Flags;
    }
}
