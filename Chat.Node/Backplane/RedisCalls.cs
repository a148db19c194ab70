using StackExchange.Redis;

namespace Chat.Node.Backplane;

/// <summary>Gives every call to Redis a deadline, and one meaning to all the ways in which it can fail.</summary>
/// <param name="metrics">Null: nobody wants to know how long they take.</param>
internal sealed class RedisCalls(IConnectionMultiplexer redis, TimeSpan deadline, TimeProvider time, NodeMetrics? metrics = null)
{
    public IDatabase Database { get; } = redis.GetDatabase();

    public ISubscriber Subscriber { get; } = redis.GetSubscriber();

    /// <exception cref="BackplaneUnavailableException">Whether the call took effect is not known.</exception>
    public async Task<T> RunAsync<T>(Task<T> call, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var result = await call.WaitAsync(deadline, time, cancellationToken);
            metrics?.Called(time.GetElapsedTime(started), failed: false);
            return result;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // When its connection breaks under a call, the client library gives whatever broke: errors of its own, of the socket, of a
            // pipe that was completed, or a cancellation that the caller never wished. All say the same.
            metrics?.Called(time.GetElapsedTime(started), failed: true);
            throw new BackplaneUnavailableException("Redis does not answer.", exception);
        }
    }
}
