using Chat.Lab.Cluster;
using StackExchange.Redis;

namespace Chat.Tests.Balancer.Support;

internal static class RedisExtensions
{
    /// <summary>For a balancer, or a test, that finds out soon when it is away.</summary>
    public static string Impatient(this RedisServer redis) =>
        $"{redis.ConnectionString},connectTimeout=200,asyncTimeout=500,connectRetry=1,abortConnect=false";

    public static async Task<IConnectionMultiplexer> ConnectAsync(this RedisServer redis) => await ConnectionMultiplexer.ConnectAsync(redis.Impatient());
}
