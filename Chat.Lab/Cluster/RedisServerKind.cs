namespace Chat.Lab.Cluster;

public enum RedisServerKind
{
    /// <summary>Chat.Redis, which hosts Garnet.</summary>
    Embedded,

    /// <summary>redis-server from the path.</summary>
    RedisServer,
}
