using Chat.Node.Backplane;
using StackExchange.Redis;

namespace Chat.Node.Signals;

/// <summary>One room's signals on this node, in the order in which they were published; some may be lost.</summary>
/// <param name="receive">Called one at a time; must not wait.</param>
internal sealed partial class SignalChannel(string room, RedisCalls redis, Action<Signal> receive, ILogger logger) : IAsyncDisposable
{
    private ChannelMessageQueue? _queue;

    /// <exception cref="BackplaneUnavailableException">Nothing is subscribed: retry.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _queue = await redis.RunAsync(redis.Subscriber.SubscribeAsync(RoomKeys.Signals(room)), cancellationToken);
        _queue.OnMessage(message =>
        {
            if (Signal.Decode((byte[])message.Message!) is { } signal)
            {
                receive(signal);
            }
        });
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_queue is not null)
            {
                await redis.RunAsync(Unsubscribe(_queue), CancellationToken.None);
            }
        }
        catch (BackplaneUnavailableException exception)
        {
            // The connection is gone, and the subscription with it.
            LogUnsubscribeFailed(room, exception.Message);
        }
    }

    private static async Task<bool> Unsubscribe(ChannelMessageQueue queue)
    {
        await queue.UnsubscribeAsync();
        return true;
    }

    [LoggerMessage(LogLevel.Debug, "Room {Room}: unsubscribing from its signals failed: {Reason}")]
    private partial void LogUnsubscribeFailed(string room, string reason);
}
