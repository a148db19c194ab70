using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Wires.Engines.Epoll;

/// <summary>epoll(7). Each call returns a negative errno when it fails.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class EpollCalls
{
    /// <summary>epoll_ctl(2).</summary>
    public const int Add = 1;
    public const int Delete = 2;

    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;
    public const uint PeerHangUp = 0x2000;
    public const uint Exclusive = 1u << 28;
    public const uint EdgeTriggered = 1u << 31;

    private const int CloseOnExec = 0x80000;

    /// <summary>struct epoll_event is packed on x64 alone: 32 bits of events, 64 of the caller's.</summary>
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static int BytesFor(int events) => events * EventBytes;

    public static int Create() => Result(epoll_create1(CloseOnExec));

    public static int Control(int epoll, int operation, int descriptor, uint events)
    {
        var request = stackalloc byte[16];
        *(uint*)request = events;
        *(long*)(request + EventBytes - sizeof(long)) = descriptor;
        return Result(epoll_ctl(epoll, operation, descriptor, request));
    }

    /// <param name="events">Filled; <see cref="EventAt"/> reads it.</param>
    public static int Wait(int epoll, Span<byte> events, int timeoutMilliseconds)
    {
        fixed (byte* at = events)
        {
            return Result(epoll_wait(epoll, at, events.Length / EventBytes, timeoutMilliseconds));
        }
    }

    public static (int Descriptor, uint Events) EventAt(ReadOnlySpan<byte> events, int index)
    {
        var at = events.Slice(index * EventBytes, EventBytes);
        return (MemoryMarshal.Read<int>(at[^sizeof(long)..]), MemoryMarshal.Read<uint>(at));
    }

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* request);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int eventsMax, int timeoutMilliseconds);
}
