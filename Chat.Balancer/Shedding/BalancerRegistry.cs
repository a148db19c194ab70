using StackExchange.Redis;

namespace Chat.Balancer.Shedding;

/// <summary>The balancers that are there, in Redis: who may shed in this round, and whether there is another one to take over.</summary>
internal sealed class BalancerRegistry(IConnectionMultiplexer redis, BalancerState state)
{
    private const string Index = "chat:balancers";
    private const string Turn = "chat:balancer:shedding";

    /// <summary>Says for this long that this balancer is there.</summary>
    public async Task RenewAsync(TimeSpan lease)
    {
        var database = redis.GetDatabase();
        await Task.WhenAll(database.StringSetAsync(KeyOf(state.Id), "1", lease), database.SetAddAsync(Index, state.Id));
    }

    /// <summary>One balancer sheds at a time; two that look at the same counts would ask for twice the surplus.</summary>
    public Task<bool> TakeTurnAsync(TimeSpan turn) => redis.GetDatabase().StringSetAsync(Turn, state.Id, turn, When.NotExists);

    public async Task<bool> HasOthersAsync()
    {
        var database = redis.GetDatabase();
        foreach (var other in await database.SetMembersAsync(Index))
        {
            if (other != state.Id && await database.KeyExistsAsync(KeyOf(other.ToString())))
            {
                return true;
            }
        }

        return false;
    }

    public async Task LeaveAsync()
    {
        var database = redis.GetDatabase();
        await Task.WhenAll(database.KeyDeleteAsync(KeyOf(state.Id)), database.SetRemoveAsync(Index, state.Id));
    }

    private static string KeyOf(string id) => $"chat:balancer:{id}";
}
