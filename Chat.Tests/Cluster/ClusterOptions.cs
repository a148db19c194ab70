using Chat.Lab.Cluster;

namespace Chat.Tests.Cluster;

internal sealed record ClusterOptions
{
    public int Nodes { get; init; } = 2;

    public RedisServerKind Redis { get; init; } = RedisServerKind.Embedded;

    /// <summary>More of Redis' command line.</summary>
    public string[] RedisSettings { get; init; } = [];

    /// <summary>More of every node's: <c>PingPeriod=00:00:02</c>, names under <c>Chat</c>.</summary>
    public string[] NodeSettings { get; init; } = [];
}
