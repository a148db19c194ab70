using Chat.Balancer.Destinations;
using Chat.Protocol;
using StackExchange.Redis;

namespace Chat.Balancer.Cluster;

/// <summary>Asks a node to move connections.</summary>
internal sealed class NodeAsker(IConnectionMultiplexer redis, DestinationNews news)
{
    /// <exception cref="RedisException">Redis is away: the node has not heard it. Nothing is lost; ask again with fresh counts.</exception>
    public async Task AskAsync(string node, ShedControl shed)
    {
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(NodeControlCodec.ChannelOf(node)), NodeControlCodec.Encode(shed));
        news.Asked(node, shed.Connections);
    }
}
