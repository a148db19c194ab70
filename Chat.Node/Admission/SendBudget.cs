using Chat.Node.Backplane;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Admission;

/// <summary>
/// How fast a user may send, on all nodes together: a bucket in Redis. A connection takes a few sends at a time and spends
/// them by itself, so that not every message asks.
/// </summary>
internal sealed class SendBudget(RedisCalls redis, IOptions<NodeOptions> options, TimeProvider time)
{
    private readonly RedisScript _take = new("take.lua");
    private readonly NodeOptions _options = options.Value;

    /// <returns>Null when it may be sent; otherwise how long until the next one.</returns>
    /// <exception cref="BackplaneUnavailableException">Redis does not answer: retry later.</exception>
    public async ValueTask<TimeSpan?> TakeAsync(SendCredit credit, string user, CancellationToken cancellationToken)
    {
        if (credit.TrySpend(time))
        {
            return null;
        }

        var reply = (RedisResult[])(await redis.RunAsync(
            _take.EvaluateAsync(
                redis.Database,
                [$"chat:{{user:{user}}}:budget"],
                [_options.SendsPerSecond, _options.SendsBurst, _options.SendsPrepaid]),
            cancellationToken))!;
        var granted = (int)reply[0];
        if (granted == 0)
        {
            return TimeSpan.FromMilliseconds((long)reply[1]);
        }

        credit.Fill(granted - 1, time, _options.SendsPrepaidLifetime);
        return null;
    }
}
