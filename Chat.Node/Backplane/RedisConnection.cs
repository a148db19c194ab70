using StackExchange.Redis;

namespace Chat.Node.Backplane;

/// <summary>How the connection to Redis behaves when Redis does not.</summary>
internal static class RedisConnection
{
    private static readonly TimeSpan RetryMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(1);

    public static void Configure(ConfigurationOptions options)
    {
        options.AbortOnConnectFail = false;

        // A call made while Redis is away fails at once: a caller that waits in a queue holds a client's message.
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new ExponentialRetry((int)RetryMin.TotalMilliseconds, (int)RetryMax.TotalMilliseconds);

        // The client's own ten threads would only take turns with the pool's.
        options.SocketManager = SocketManager.ThreadPool;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 3000;
        options.KeepAlive = 2;
        options.HeartbeatInterval = TimeSpan.FromSeconds(1);
    }
}
