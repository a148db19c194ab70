using Chat.Tests.Support;
using Chat.Wires;
using Chat.Wires.Engines;

namespace Chat.Tests.Wires.Support;

/// <summary>Every engine passes the same suite.</summary>
public static class Engines
{
    public static TheoryData<WireEngine> All => [WireEngine.IoUring, WireEngine.Epoll, WireEngine.Sockets];

    /// <summary>Those with a system call of their own for everything.</summary>
    public static TheoryData<WireEngine> OfLinux => [WireEngine.IoUring, WireEngine.Epoll];

    /// <summary>Skips the test, with the reason, where the engine does not work; fails it where all is required.</summary>
    public static void Require(WireEngine engine)
    {
        try
        {
            EngineChoice.Choose(new WireOptions { Engine = engine });
        }
        catch (NotSupportedException exception)
        {
            Tool.Missing(exception.Message);
        }
    }
}
