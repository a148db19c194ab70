using System.Runtime.InteropServices;

namespace Chat.Tests.Wires.Support;

/// <summary>What a container's profile does: a thread that is refused a system call with EPERM (seccomp(2)). The filter is that thread's alone.</summary>
internal static class Seccomp
{
    private const int NoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const nint FilterMode = 2;
    private const uint Allow = 0x7fff0000;
    private const uint FailWithNotPermitted = 0x00050001;

    /// <summary>Runs something on a thread of its own that may not make the call.</summary>
    public static T Without<T>(uint systemCall, Func<T> run)
    {
        var result = default(T);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Forbid(systemCall);
                result = run();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw failure;
    }

    private static void Forbid(uint systemCall)
    {
        // Load the number; is it the one? – then fail, else allow: bpf's four instructions, each code, two jumps and a value.
        ulong[] program =
        [
            Instruction(0x20, 0, 0, 0), Instruction(0x15, 0, 1, systemCall), Instruction(0x06, 0, 0, FailWithNotPermitted), Instruction(0x06, 0, 0, Allow),
        ];
        var handle = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            var filter = new Filter((ushort)program.Length, handle.AddrOfPinnedObject());
            Assert.Equal(0, prctl(NoNewPrivileges, 1, 0, 0, 0));
            var pointer = Marshal.AllocHGlobal(Marshal.SizeOf<Filter>());
            Marshal.StructureToPtr(filter, pointer, fDeleteOld: false);
            Assert.Equal(0, prctl(SetSeccomp, FilterMode, pointer, 0, 0));
            Marshal.FreeHGlobal(pointer);
        }
        finally
        {
            handle.Free();
        }
    }

    private static ulong Instruction(ushort code, byte jumpTrue, byte jumpFalse, uint value) =>
        code | ((ulong)jumpTrue << 16) | ((ulong)jumpFalse << 24) | ((ulong)value << 32);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int prctl(int option, nint a, nint b, nint c, nint d);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Filter(ushort length, nint program)
    {
        public readonly ushort Length = length;
        public readonly nint Program = program;
    }
}
