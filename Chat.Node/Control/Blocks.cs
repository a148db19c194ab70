using Chat.Node.Backplane;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Node.Control;

/// <summary>For each user, those by whom no invite is wanted: a set in Redis.</summary>
internal sealed class Blocks(RedisCalls redis, IOptions<NodeOptions> options)
{
    /// <exception cref="BackplaneUnavailableException">Nothing was read: retry.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(string user, CancellationToken cancellationToken) =>
        Array.ConvertAll(await redis.RunAsync(redis.Database.SetMembersAsync(KeyOf(user)), cancellationToken), blocked => blocked.ToString());

    /// <returns>False when the list is full.</returns>
    /// <exception cref="BackplaneUnavailableException">Outcome unknown: a retry is safe.</exception>
    public async Task<bool> TryAddAsync(string user, string blocked, CancellationToken cancellationToken)
    {
        // Two at once may both see the last place: one too many does no harm.
        var count = await redis.RunAsync(redis.Database.SetLengthAsync(KeyOf(user)), cancellationToken);
        if (count >= options.Value.BlocksPerUserMax)
        {
            return await IsBlockedAsync(user, blocked, cancellationToken);
        }

        await redis.RunAsync(redis.Database.SetAddAsync(KeyOf(user), blocked), cancellationToken);
        return true;
    }

    /// <inheritdoc cref="TryAddAsync"/>
    public Task RemoveAsync(string user, string blocked, CancellationToken cancellationToken) =>
        redis.RunAsync(redis.Database.SetRemoveAsync(KeyOf(user), blocked), cancellationToken);

    /// <inheritdoc cref="ListAsync"/>
    public Task<bool> IsBlockedAsync(string user, string by, CancellationToken cancellationToken) =>
        redis.RunAsync(redis.Database.SetContainsAsync(KeyOf(user), by), cancellationToken);

    private static RedisKey KeyOf(string user) => $"chat:{{user:{user}}}:blocked";
}
