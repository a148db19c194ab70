using StackExchange.Redis;

namespace Chat.Node.Backplane;

/// <summary>A room's Redis channel as it is: in order, at most once. What is published while a subscription is down is gone.</summary>
internal sealed partial class RoomChannel(RedisCalls redis, ILogger<RoomChannel> logger)
{
    /// <exception cref="BackplaneUnavailableException">Whether it was published is not known.</exception>
    public Task PublishAsync(string room, byte[] publication, CancellationToken cancellationToken) =>
        redis.RunAsync(redis.Subscriber.PublishAsync(Channel(room), publication), cancellationToken);

    /// <param name="deliver">Called one at a time.</param>
    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public async Task<IAsyncDisposable> SubscribeAsync(
        string room, Action<Publication> deliver, CancellationToken cancellationToken)
    {
        // OnMessage keeps the channel's order; a handler given to Subscribe does not.
        var queue = await redis.RunAsync(redis.Subscriber.SubscribeAsync(Channel(room)), cancellationToken);
        queue.OnMessage(message =>
        {
            if (Publication.Decode((byte[])message.Message!) is { } publication)
            {
                deliver(publication);
            }
        });
        return new Subscription(this, room, queue);
    }

    // Not the log's channel: its readers expect numbers without holes.
    private static RedisChannel Channel(string room) => RedisChannel.Literal($"chat:{{{room}}}:unlogged");

    private sealed class Subscription(RoomChannel channel, string room, ChannelMessageQueue queue) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await queue.UnsubscribeAsync();
            }
            catch (RedisException exception)
            {
                // The connection is gone, and the subscription with it.
                channel.LogUnsubscribeFailed(room, exception.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Room {Room}: unsubscribing failed: {Reason}")]
    private partial void LogUnsubscribeFailed(string room, string reason);
}
