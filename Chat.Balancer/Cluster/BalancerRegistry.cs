using System.Globalization;
using StackExchange.Redis;

namespace Chat.Balancer.Cluster;

/// <summary>The balancers that are there, in Redis: who may shed in this round, and whether there is another one to take over.</summary>
internal sealed class BalancerRegistry(IConnectionMultiplexer redis, BalancerState state)
{
    private const string Index = "chat:balancers";
    private const string Turn = "chat:balancer:shedding";

    private static readonly RedisChannel Moves = RedisChannel.Literal("chat:balancers:moves");

    /// <summary>Says for this long that this balancer is there.</summary>
    public async Task RenewAsync(TimeSpan lease)
    {
        var database = redis.GetDatabase();
        await Task.WhenAll(database.StringSetAsync(KeyOf(state.Id), "1", lease), database.SetAddAsync(Index, state.Id));
    }

    /// <summary>One balancer sheds at a time; two that look at the same counts would ask for twice the surplus.</summary>
    public Task<bool> TakeTurnAsync(TimeSpan turn) => redis.GetDatabase().StringSetAsync(Turn, state.Id, turn, When.NotExists);

    /// <summary>Tells each balancer, this one too, its part of the clients that are about to move: they come back through any of them.</summary>
    public async Task AnnounceAsync(int connections)
    {
        var doors = Math.Max(1, (int)await redis.GetDatabase().SetLengthAsync(Index));
        await redis.GetSubscriber().PublishAsync(Moves, (connections + doors - 1) / doors);
    }

    /// <param name="announced">Called with this balancer's part.</param>
    public async Task HearAsync(Action<int> announced) =>
        (await redis.GetSubscriber().SubscribeAsync(Moves)).OnMessage(message =>
        {
            if (message.Message.TryParse(out int connections) && connections > 0)
            {
                announced(connections);
            }
        });

    /// <summary>Tells whoever sheds next that so many have been asked to move and will take this long.</summary>
    /// <param name="connections">That the node held then.</param>
    public Task NoteAskedAsync(string node, int connections, int asked, TimeSpan time) =>
        redis.GetDatabase().StringSetAsync(AskedKeyOf(node), $"{connections} {asked}", time);

    /// <param name="connections">That the node holds now.</param>
    /// <returns>How many of those that were asked to move, by any balancer, are still there.</returns>
    public async Task<int> StillAskedAsync(string node, int connections)
    {
        var noted = await redis.GetDatabase().StringGetAsync(AskedKeyOf(node));
        return noted.HasValue && noted.ToString().Split(' ') is [var then, var asked]
            && int.TryParse(then, CultureInfo.InvariantCulture, out var before) && int.TryParse(asked, CultureInfo.InvariantCulture, out var moving)
            ? Math.Clamp(moving - (before - connections), 0, moving)
            : 0;
    }

    /// <summary>Whether another one is there; forgets those that ended without a word.</summary>
    public async Task<bool> HasOthersAsync()
    {
        var database = redis.GetDatabase();
        var others = (await database.SetMembersAsync(Index)).Where(id => id != state.Id).ToArray();
        var present = await Task.WhenAll(others.Select(id => database.KeyExistsAsync(KeyOf(id.ToString()))));
        RedisValue[] gone = [.. others.Where((_, index) => !present[index])];
        if (gone.Length > 0)
        {
            await database.SetRemoveAsync(Index, gone);
        }

        return gone.Length < others.Length;
    }

    public async Task LeaveAsync()
    {
        var database = redis.GetDatabase();
        await Task.WhenAll(database.KeyDeleteAsync(KeyOf(state.Id)), database.SetRemoveAsync(Index, state.Id));
    }

    private static string AskedKeyOf(string node) => $"chat:balancer:asked:{node}";

    private static string KeyOf(string id) => $"chat:balancer:{id}";
}
