using Chat.Lab.Cluster;

namespace Chat.Tests.Support;

/// <summary>Starts a Redis for a test; where its kind is missing the test is skipped and says why, or fails where all is required.</summary>
internal static class TestRedis
{
    /// <param name="options">More of the command line: "--Chat:Redis:MemoryMiBMax=64".</param>
    public static Task<RedisServer> StartEmbeddedAsync(params string[] options) => StartAsync(RedisServerKind.Embedded, options);

    public static Task<RedisServer> StartRedisServerAsync(params string[] options) => StartAsync(RedisServerKind.RedisServer, options);

    /// <summary>Returns when it answers.</summary>
    public static Task<RedisServer> StartAsync(RedisServerKind kind, params string[] options)
    {
        if (kind == RedisServerKind.RedisServer)
        {
            Tool.RequireRedisServer();
        }

        return RedisServer.StartAsync(kind, options);
    }
}
