namespace Chat.Wires.Engines.Linux;

/// <summary>errno(3), by the numbers that x64 and arm64 share.</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Busy = 16;
    public const int Invalid = 22;
    public const int TooManyFilesOnSystem = 23;
    public const int TooManyFiles = 24;
    public const int NoSystemCall = 38;
    public const int Protocol = 71;
    public const int TimerExpired = 62;
    public const int AddressInUse = 98;
    public const int NoAddress = 99;
    public const int NetworkDown = 100;
    public const int NetworkUnreachable = 101;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int ConnectionRefused = 111;
    public const int HostDown = 112;
    public const int NoRouteToHost = 113;
    public const int InProgress = 115;
    public const int Cancelled = 125;

    /// <summary>An error of the connection that would have been accepted, or none: the next try is as good as the first (accept(2), "Error handling").</summary>
    public static bool IsOfOneConnection(int error) =>
        error is Interrupted or Cancelled or ConnectionAborted or Protocol or NotPermitted or NetworkDown or NetworkUnreachable or HostDown or NoRouteToHost;

    /// <summary>What an error of connect(2) says, and about whom.</summary>
    public static DialFailure Explain(int error) => error switch
    {
        ConnectionRefused or ConnectionReset or NoRouteToHost => DialFailure.Refused,
        NoAddress or AddressInUse or NoBuffers or NoMemory or Again or AccessDenied or NotPermitted or TooManyFiles or TooManyFilesOnSystem
            => DialFailure.Local,
        _ => DialFailure.Unanswered,
    };
}
