using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Balancer.Wires;

/// <summary>The five calls of Linux that the runtime does not offer.</summary>
[SupportedOSPlatform("linux")]
internal static partial class Epoll
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int Add = 1;
    public const int TcpLevel = 6;
    public const int TcpQuickAck = 12;
    public const int SocketLevel = 1;
    public const int SocketError = 4;

    public const int InProgress = 115;
    public const int Interrupted = 4;

    private const int OutOfMemory = 12;
    private const int TryAgain = 11;
    private const int AccessDenied = 13;
    private const int NotPermitted = 1;
    private const int AddressInUse = 98;
    private const int NoAddress = 99;
    private const int NoBuffers = 105;
    private const int Reset = 104;
    private const int Refused = 111;
    private const int NoRouteToHost = 113;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    /// <summary>The kernel packs its event on x64 only.</summary>
    public static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>What an error of connecting says.</summary>
    public static DialFailure Explain(int error) => error switch
    {
        Refused or Reset or NoRouteToHost => DialFailure.Refused,
        NoAddress or AddressInUse or NoBuffers or OutOfMemory or TryAgain or AccessDenied or NotPermitted => DialFailure.Local,
        _ => DialFailure.Unanswered,
    };

    /// <returns>A descriptor, or -1 with the reason in the last system error, as all of these.</returns>
    public static int Create() => epoll_create1(CloseOnExec);

    public static int CreateWaker() => eventfd(0, CloseOnExec | NonBlocking);

    public static int Control(int epoll, int operation, int descriptor, uint events)
    {
        Span<byte> request = stackalloc byte[EventBytes];
        MemoryMarshal.Write(request, events);
        MemoryMarshal.Write(request[^8..], (long)descriptor);
        return epoll_ctl(epoll, operation, descriptor, ref MemoryMarshal.GetReference(request));
    }

    public static int Wait(int epoll, Span<byte> events, int timeoutMilliseconds) =>
        epoll_wait(epoll, ref MemoryMarshal.GetReference(events), events.Length / EventBytes, timeoutMilliseconds);

    public static int Connect(SafeHandle socket, ReadOnlySpan<byte> address) =>
        connect(socket, in MemoryMarshal.GetReference(address), address.Length);

    public static void Wake(int waker) => _ = write(waker, 1, 8);

    public static void Close(int descriptor) => _ = close(descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, ref byte request);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, ref byte events, int eventsMax, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(SafeHandle socket, in byte address, int addressBytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, in long value, nint bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
