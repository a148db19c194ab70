using Chat.Node;
using Chat.Node.Backplane;
using Chat.Node.Backplane.Subscriptions;
using StackExchange.Redis;

namespace Chat.Experiments.Strategies;

/// <summary>A room's Redis channel as it is: in order, at most once. What is published while a subscription is down is gone.</summary>
internal sealed class RoomChannel(RedisCalls redis, SubscriptionConnection connection)
{
    /// <exception cref="BackplaneUnavailableException">Whether it was published is not known.</exception>
    public async Task PublishAsync(string room, byte[] publication, CancellationToken cancellationToken)
    {
        using var activity = Tracing.StartRedis(redis.Database, "PUBLISH");
        await redis.RunAsync(
            redis.Database.PublishAsync(RedisChannel.Literal(Name(room)), publication), cancellationToken);
    }

    /// <param name="deliver">Called one at a time; must not wait.</param>
    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public Task<IAsyncDisposable> SubscribeAsync(
        string room, Action<Publication> deliver, CancellationToken cancellationToken) =>
        connection.SubscribeAsync(
            new ChannelSubscription(Name(room), received: bytes => Receive(bytes, deliver), lost: NothingToRead),
            cancellationToken);

    // Not the log's channel: its readers expect numbers without holes.
    private static string Name(string room) => $"chat:{{{room}}}:unlogged";

    private static void Receive(byte[] bytes, Action<Publication> deliver)
    {
        if (Publication.Decode(bytes) is { } publication)
        {
            deliver(publication);
        }
    }

    private static void NothingToRead()
    {
        // What was missed is kept nowhere.
    }
}
