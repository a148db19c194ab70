using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Chat.Benchmarks.Load;

/// <summary>Which of many sockets have something to read (Linux). One thread, no task and no allocation for each readiness.</summary>
internal sealed class Epoll : IDisposable
{
    private const int EventsMax = 1024;
    private const int ControlAdd = 1;
    private const int ControlDelete = 2;
    private const uint In = 1;
    private const int InterruptedError = 4;

    // struct epoll_event is packed on x64 and nowhere else.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly byte[] _events = new byte[EventsMax * EventBytes];
    private readonly int[] _ready = new int[EventsMax];
    private readonly SafeSocketHandle _handle;

    public Epoll()
    {
        var descriptor = Create(0);
        _handle = descriptor >= 0 ? new SafeSocketHandle(descriptor, ownsHandle: true) : throw new Win32Exception();
    }

    public void Add(Socket socket) => Change(ControlAdd, socket);

    /// <summary>Looks at it no more. A closed socket is removed by itself.</summary>
    public void Remove(Socket socket) => Change(ControlDelete, socket);

    /// <returns>File descriptors, valid until the next call; empty when the time is over.</returns>
    public ReadOnlySpan<int> Wait(int milliseconds)
    {
        var count = Wait((int)_handle.DangerousGetHandle(), _events, EventsMax, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() != InterruptedError)
        {
            throw new Win32Exception();
        }

        for (var i = 0; i < count; i++)
        {
            _ready[i] = BitConverter.ToInt32(_events, (i * EventBytes) + DataOffset);
        }

        return _ready.AsSpan(0, Math.Max(0, count));
    }

    public void Dispose() => _handle.Dispose();

    private void Change(int operation, Socket socket)
    {
        var entry = new byte[EventBytes];
        BitConverter.TryWriteBytes(entry, In);
        BitConverter.TryWriteBytes(entry.AsSpan(DataOffset), (int)socket.Handle);
        if (Control((int)_handle.DangerousGetHandle(), operation, (int)socket.Handle, entry) != 0)
        {
            throw new Win32Exception();
        }
    }

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int epoll, int operation, int descriptor, byte[] entry);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Wait(int epoll, byte[] events, int eventsMax, int milliseconds);
}
