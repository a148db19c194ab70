using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chat.Wires.Engines.Linux;

/// <summary>System calls on sockets and memory, without the runtime's handles. Each returns a negative <see cref="Errno"/> when it fails.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class Libc
{
    /// <summary>send(2), recv(2).</summary>
    public const int DontWait = 0x40;
    public const int WaitAll = 0x100;
    public const int NoSignal = 0x4000;

    /// <summary>accept(2), socket(2), eventfd(2).</summary>
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;

    private const int SocketLevel = 1;
    private const int SocketErrorOption = 4;
    private const int LingerOption = 13;
    private const int TcpLevel = 6;
    private const int NoDelayOption = 1;
    private const int SendBuffer = 7;
    private const int ReceiveBuffer = 8;
    private const int QuickAckOption = 12;
    private const int ShutWrite = 1;
    private const int SocketStream = 1;
    private const int DuplicateCloseOnExec = 1030;
    private const int SetStatusFlags = 4;
    private const int AddressBytesMax = 128;

    public static int Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return Result((int)recv(socket, bytes, (nuint)buffer.Length, DontWait));
        }
    }

    public static int Send(int socket, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            return Result((int)send(socket, bytes, (nuint)buffer.Length, DontWait | NoSignal));
        }
    }

    public static int SendMessage(int socket, in MessageHeader header)
    {
        fixed (MessageHeader* message = &header)
        {
            return Result((int)sendmsg(socket, message, DontWait | NoSignal));
        }
    }

    public static int Accept(int socket, int flags) => Result(accept4(socket, null, null, flags));

    /// <summary>Starts to connect; a socket that does not block says <see cref="Errno.InProgress"/>.</summary>
    public static int Connect(int socket, ReadOnlySpan<byte> address)
    {
        fixed (byte* bytes = address)
        {
            return Result(connect(socket, bytes, address.Length));
        }
    }

    /// <param name="bufferBytes">Of the kernel's, in each direction; 0 leaves them to it. Before it is connected, since the window is agreed then (tcp(7)).</param>
    public static int CreateSocket(AddressFamily family, int flags, int bufferBytes)
    {
        // Linux numbers the two as the runtime does not: AF_INET6 is 10 (socket(2)).
        var created = Result(socket(family == AddressFamily.InterNetworkV6 ? 10 : 2, SocketStream | flags, 0));
        if (created >= 0)
        {
            SetOption(created, TcpLevel, NoDelayOption, [1]);
            if (bufferBytes > 0)
            {
                SetOption(created, SocketLevel, SendBuffer, [bufferBytes]);
                SetOption(created, SocketLevel, ReceiveBuffer, [bufferBytes]);
            }
        }

        return created;
    }

    /// <summary>A descriptor of our own for a socket of the runtime's, which is closed.</summary>
    /// <exception cref="SocketException">No descriptor left.</exception>
    public static int TakeOver(Socket taken, bool nonBlocking)
    {
        using (taken)
        {
            taken.NoDelay = true;
            var own = Result(fcntl((int)taken.Handle, DuplicateCloseOnExec, 0));
            if (own < 0)
            {
                throw new SocketException((int)SocketError.TooManyOpenSockets, "No descriptor left.");
            }

            SetBlocking(own, !nonBlocking);
            return own;
        }
    }

    /// <summary>The flag is the open socket's, not the descriptor's (fcntl(2)), and the runtime may have set it.</summary>
    public static void SetBlocking(int socket, bool blocking) => _ = fcntl(socket, SetStatusFlags, blocking ? 0 : NonBlocking);

    public static int PendingError(int socket)
    {
        int error = 0, length = sizeof(int);
        var result = Result(getsockopt(socket, SocketLevel, SocketErrorOption, &error, &length));
        return result < 0 ? -result : error;
    }

    /// <summary>Closing resets the connection from now on (SO_LINGER with no time, socket(7)).</summary>
    public static void ResetOnClose(int socket) => SetOption(socket, SocketLevel, LingerOption, [1, 0]);

    /// <summary>The kernel forgets it after a while (tcp(7), TCP_QUICKACK), so it is said again and again.</summary>
    public static void DelayAcks(int socket) => SetOption(socket, TcpLevel, QuickAckOption, [0]);

    public static void ShutdownWrite(int socket) => _ = shutdown(socket, ShutWrite);

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>A descriptor that other threads write to, so that whoever waits for it wakes. It is never read: each write is news.</summary>
    public static int CreateEvent() => Result(eventfd(0, CloseOnExec | NonBlocking));

    public static void Notify(int eventDescriptor)
    {
        ulong one = 1;
        _ = write(eventDescriptor, &one, sizeof(ulong));
    }

    public static IPEndPoint? PeerOf(int socket)
    {
        var bytes = stackalloc byte[AddressBytesMax];
        var length = AddressBytesMax;
        if (getpeername(socket, bytes, &length) != 0)
        {
            return null;
        }

        var v6 = length > 16;
        var address = new SocketAddress(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, length);
        new ReadOnlySpan<byte>(bytes, length)[2..].CopyTo(address.Buffer.Span[2..]);
        return (IPEndPoint)new IPEndPoint(v6 ? IPAddress.IPv6Any : IPAddress.Any, 0).Create(address);
    }

    private static void SetOption(int socket, int level, int option, ReadOnlySpan<int> value)
    {
        fixed (int* at = value)
        {
            _ = setsockopt(socket, level, option, at, value.Length * sizeof(int));
        }
    }

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int socket, byte* buffer, nuint bytes, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* buffer, nuint bytes, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int socket, void* address, void* addressBytes, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int socket, byte* address, int addressBytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int socket, int level, int option, void* value, int* bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int socket, int level, int option, void* value, int bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeername(int socket, byte* address, int* addressBytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(int socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, void* bytes, nuint count);
}
