namespace Chat.Wires;

/// <summary>What moves the bytes of a loop.</summary>
public enum WireEngine
{
    /// <summary>The first of the others that works here.</summary>
    Auto,

    /// <summary>Linux 6.1 and later, where neither seccomp nor kernel.io_uring_disabled forbids it: all sends of a turn are one system call.</summary>
    IoUring,

    /// <summary>Linux: a system call for each send and receive.</summary>
    Epoll,

    /// <summary>The fallback, for every platform: the runtime's sockets. Its own threads learn of events and tell the loop.</summary>
    Sockets,
}
