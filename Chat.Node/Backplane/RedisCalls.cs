using StackExchange.Redis;

namespace Chat.Node.Backplane;

/// <summary>Gives every call to Redis a deadline, and one meaning to all the ways in which it can fail.</summary>
internal sealed class RedisCalls(IConnectionMultiplexer redis, TimeSpan deadline, TimeProvider time)
{
    public IDatabase Database { get; } = redis.GetDatabase();

    public ISubscriber Subscriber { get; } = redis.GetSubscriber();

    /// <exception cref="BackplaneUnavailableException">Whether the call took effect is not known.</exception>
    public async Task<T> RunAsync<T>(Task<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call.WaitAsync(deadline, time, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The client library cancels a call that was under way when its connection broke: that is no wish of the caller.
            throw new BackplaneUnavailableException("Redis does not answer.", exception);
        }
    }
}
