namespace Chat.Wires;

/// <summary>Engines as operators name them.</summary>
public static class WireEngineNames
{
    /// <summary>All of them, for an error message.</summary>
    public const string All = "auto, io_uring, epoll, sockets";

    /// <returns>Null when there is none of that name.</returns>
    public static WireEngine? Find(string name) => name switch
    {
        "auto" => WireEngine.Auto,
        "io_uring" => WireEngine.IoUring,
        "epoll" => WireEngine.Epoll,
        "sockets" => WireEngine.Sockets,
        _ => null,
    };
}
