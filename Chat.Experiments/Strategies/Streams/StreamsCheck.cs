using Chat.Node.Backplane;
using StackExchange.Redis;

namespace Chat.Experiments.Strategies.Streams;

/// <summary>Stops a start that cannot go well: <c>streams</c> on a server that has none, such as the embedded one.</summary>
internal sealed class StreamsCheck(RedisCalls redis) : IHostedService
{
    /// <exception cref="InvalidOperationException">The server has no streams: choose another server or delivery.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // NOMKSTREAM: nothing is written where there is no such stream. But the server has to understand every word.
            await redis.RunAsync(
                redis.Database.ExecuteAsync("XADD", StreamEntries.Key("none"), "NOMKSTREAM", StreamEntries.NextId, "none", ""),
                cancellationToken);
        }
        catch (BackplaneUnavailableException exception) when (exception.InnerException is RedisServerException refusal)
        {
            throw new InvalidOperationException(
                $"Chat:Delivery is \"streams\", and this server has no streams that count their entries ({refusal.Message}). "
                + "Use a Redis of version 7 or later, or another delivery.",
                refusal);
        }
        catch (BackplaneUnavailableException)
        {
            // Redis is away for now. A node starts all the same, whatever its delivery.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
