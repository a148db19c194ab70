using Chat.Lab.Cluster;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Redis;

/// <summary>The test support itself, on both servers.</summary>
public sealed class RedisServerFixtureTests
{
    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task Restart_keeps_the_port_and_the_data_unless_told_otherwise(RedisServerKind kind)
    {
        await using var server = await TestRedis.StartAsync(kind);
        var (port, process) = (server.Port, server.ProcessId);
        await SetAsync(server, "key", "value");

        await server.RestartAsync();

        Assert.Equal("value", await GetAsync(server, "key"));
        Assert.Equal(port, server.Port);
        Assert.NotEqual(process, server.ProcessId);
        await server.RestartAsync(keepData: false);
        Assert.True((await GetAsync(server, "key")).IsNull);
    }

    private static async Task SetAsync(RedisServer server, string key, string value)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await redis.GetDatabase().StringSetAsync(key, value);
    }

    private static async Task<RedisValue> GetAsync(RedisServer server, string key)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        return await redis.GetDatabase().StringGetAsync(key);
    }
}
