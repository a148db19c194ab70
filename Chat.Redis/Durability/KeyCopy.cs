using System.Net;
using StackExchange.Redis;

namespace Chat.Redis.Durability;

/// <summary>Copies every live key from one server to another, with its expiry.</summary>
internal static class KeyCopy
{
    private const int KeysInFlightMax = 256;
    private const int ElementsPerCall = 1000;

    public static async Task RunAsync(int fromPort, int toPort, CancellationToken cancellationToken)
    {
        await using var from = await ConnectAsync(fromPort);
        await using var to = await ConnectAsync(toPort);
        var keys = from.GetServer(IPAddress.Loopback, fromPort).KeysAsync(pageSize: ElementsPerCall);
        var options = new ParallelOptions { MaxDegreeOfParallelism = KeysInFlightMax, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys, options, async (key, _) => await CopyAsync(key, from.GetDatabase(), to.GetDatabase()));
    }

    private static async Task CopyAsync(RedisKey key, IDatabase from, IDatabase to)
    {
        var expiry = await from.KeyTimeToLiveAsync(key);
        switch (await from.KeyTypeAsync(key))
        {
            case RedisType.None:
                return; // Expired meanwhile.
            case RedisType.String:
                await to.StringSetAsync(key, await from.StringGetAsync(key), expiry, keepTtl: false);
                return;
            case RedisType.List:
                await CopyListAsync(key, from, to);
                break;
            case RedisType.Hash:
                await to.HashSetAsync(key, await from.HashGetAllAsync(key));
                break;
            case RedisType.Set:
                await to.SetAddAsync(key, await from.SetMembersAsync(key));
                break;
            case RedisType.SortedSet:
                await to.SortedSetAddAsync(key, await from.SortedSetRangeByRankWithScoresAsync(key));
                break;
            default:
                throw new NotSupportedException("A key has a type that a rewrite cannot copy.");
        }

        if (expiry is not null)
        {
            await to.KeyExpireAsync(key, expiry);
        }
    }

    private static async Task CopyListAsync(RedisKey key, IDatabase from, IDatabase to)
    {
        await to.KeyDeleteAsync(key); // A scan may name a key twice.
        for (long start = 0; ; start += ElementsPerCall)
        {
            var page = await from.ListRangeAsync(key, start, start + ElementsPerCall - 1);
            if (page.Length > 0)
            {
                await to.ListRightPushAsync(key, page);
            }

            if (page.Length < ElementsPerCall)
            {
                return;
            }
        }
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(int port) => ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { { IPAddress.Loopback, port } },
        AsyncTimeout = (int)TimeSpan.FromSeconds(60).TotalMilliseconds,
    });
}
