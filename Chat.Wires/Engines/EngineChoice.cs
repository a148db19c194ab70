using Chat.Wires.Engines.Epoll;
using Chat.Wires.Engines.IoUring;
using Chat.Wires.Engines.Sockets;

namespace Chat.Wires.Engines;

/// <summary>The engine that runs, and why.</summary>
internal readonly record struct EngineChoice(WireEngine Engine, string Reason)
{
    /// <exception cref="NotSupportedException">The one that was asked for does not work here.</exception>
    public static EngineChoice Choose(WireOptions options)
    {
        if (options.Engine is WireEngine.Sockets)
        {
            return new EngineChoice(WireEngine.Sockets, "asked for");
        }

        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return options.Engine == WireEngine.Auto
                ? new EngineChoice(WireEngine.Sockets, "the other engines are for 64-bit Linux")
                : throw new NotSupportedException($"{options.Engine} is for 64-bit Linux.");
        }

        if (options.Engine is WireEngine.Epoll)
        {
            return new EngineChoice(WireEngine.Epoll, "asked for");
        }

        var missing = UringProbe.WhatIsMissing(options);
        return missing is null ? new EngineChoice(WireEngine.IoUring, "the kernel has all that is needed")
            : options.Engine == WireEngine.Auto ? new EngineChoice(WireEngine.Epoll, $"io_uring is out: {missing}")
            : throw new NotSupportedException($"io_uring does not work here: {missing}");
    }

    public static IEngine Create(WireEngine engine, WireLoop loop)
    {
        if (engine != WireEngine.Sockets && OperatingSystem.IsLinux())
        {
            return engine == WireEngine.IoUring ? new UringEngine(loop) : new EpollEngine(loop);
        }

        return new SocketEngine(loop);
    }
}
