using System.Net;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Subscriptions;

/// <summary>Where Redis is, as the client that knows its topology sees it.</summary>
internal sealed class RedisEndpoints
{
    private ConfigurationOptions? _options;

    /// <summary>Called with what the client is configured with.</summary>
    public void Remember(ConfigurationOptions options) => _options = options;

    /// <param name="redis">Asked for so that it is there: it is configured when it is made.</param>
    public ConfigurationOptions Options(IConnectionMultiplexer redis) =>
        _options ?? ConfigurationOptions.Parse(redis.Configuration);

    /// <summary>The server that takes writes; the first one configured while none is known.</summary>
    public EndPoint Primary(IConnectionMultiplexer redis) =>
        redis.GetServers().FirstOrDefault(server => server is { IsConnected: true, IsReplica: false })?.EndPoint
        ?? Options(redis).EndPoints[0];
}
