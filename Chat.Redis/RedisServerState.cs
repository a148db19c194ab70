namespace Chat.Redis;

/// <summary>What the server's health depends on. Written by its service, read by the health check.</summary>
internal sealed class RedisServerState
{
    private volatile GarnetInstance? _instance;
    private volatile string? _writeProblem;
    private volatile string? _failure;

    /// <summary>Null while data is read or rewritten.</summary>
    public GarnetInstance? Instance
    {
        get => _instance;
        set => _instance = value;
    }

    /// <summary>Why the append-only file does not grow, if it should.</summary>
    public string? WriteProblem
    {
        get => _writeProblem;
        set => _writeProblem = value;
    }

    /// <summary>Why the server had to stop, in a sentence.</summary>
    public string? Failure
    {
        get => _failure;
        set => _failure = value;
    }
}
