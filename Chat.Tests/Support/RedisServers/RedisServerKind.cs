namespace Chat.Tests.Support.RedisServers;

public enum RedisServerKind
{
    /// <summary>Chat.Redis, which hosts Garnet.</summary>
    Embedded,

    /// <summary>redis-server from the path.</summary>
    RedisServer,
}
