using System.Security.Cryptography;
using Chat.Lab.Cluster;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Redis;

/// <summary>What Chat.Redis does with its data when it, or the disk, misbehaves.</summary>
public sealed class EmbeddedRedisDataTests
{
    private static readonly string[] Small = ["--Chat:Redis:PageMiB=1", "--Chat:Redis:MemoryMiBMax=8", "--Chat:Redis:RewriteAtStartMiB=4"];

    [Fact]
    public async Task Killed_server_comes_back_with_a_prefix_and_with_all_that_had_reached_the_disk()
    {
        await using var server = await TestRedis.StartEmbeddedAsync();
        await AppendAsync(server, 1, 2000);
        await WaitForSealsAsync(server, bytes: 100_000);
        await AppendAsync(server, 2001, 2100);

        await server.KillAsync();
        await server.RestartAsync();

        var log = await LogAsync(server);
        Assert.InRange(log.Length, 2000, 2100);
        Assert.Equal(Enumerable.Range(1, log.Length).Select(offset => (RedisValue)offset), log);
    }

    [Fact]
    public async Task Torn_last_record_is_no_damage()
    {
        await using var server = await TestRedis.StartEmbeddedAsync();
        await AppendAsync(server, 1, 100);
        await WaitForSealsAsync(server, bytes: 1);
        await server.StopAsync();
        await using (var file = File.Open(AppendOnlyFile(server), FileMode.Open))
        {
            // What a kill leaves in the middle of a write: the first half of one more record, behind what was sealed.
            file.Position = Sealed(server);
            file.Write([0x20, 0, 0, 0, 0x05, 0]);
        }

        await server.RestartAsync();

        Assert.Equal(100, (await LogAsync(server)).Length);
        await AppendAsync(server, 101, 101);
        await server.KillAsync();
        await server.RestartAsync();
        Assert.InRange((await LogAsync(server)).Length, 100, 101);
    }

    [Theory]
    [InlineData(Damage.CutInHalf, "ends before byte")]
    [InlineData(Damage.Emptied, "ends before byte")]
    [InlineData(Damage.Deleted, "is missing")]
    [InlineData(Damage.FlippedBit, "has changed between bytes 64 and")]
    [InlineData(Damage.ManifestDeleted, "seals.json is missing")]
    [InlineData(Damage.ManifestGarbled, "seals.json cannot be read")]
    public async Task Damaged_data_is_refused_and_untouched(Damage damage, string where)
    {
        await using var server = await TestRedis.StartEmbeddedAsync();
        await AppendAsync(server, 1, 200);
        await server.StopAsync();
        Apply(damage, server);
        var before = Fingerprint(server);

        var refused = await server.StartAndFailAsync();

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("The data ", refused.Output, StringComparison.Ordinal);
        Assert.Contains(where, refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Output);
        Assert.Equal(before, Fingerprint(server));
    }

    [Fact]
    public async Task Full_memory_refuses_writes_and_loses_nothing()
    {
        await using var server = await TestRedis.StartEmbeddedAsync([.. Small, "--Chat:Redis:WatchPeriod=00:00:00.050"]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var database = redis.GetDatabase();

        var stored = 0;
        var refusal = await Assert.ThrowsAsync<RedisServerException>(async () =>
        {
            for (; stored < 1000; stored++)
            {
                await database.StringSetAsync($"key:{stored}", new byte[64 * 1024]);
            }
        });

        Assert.Contains("NOPERM", refusal.Message, StringComparison.Ordinal);
        Assert.True(stored >= 100, $"Refused after {stored} values of 64 KiB.");
        for (var key = 0; key < stored; key++)
        {
            Assert.Equal(64 * 1024, await database.StringLengthAsync($"key:{key}"));
        }
    }

    [Fact]
    public async Task Long_append_only_file_is_rewritten_from_what_is_live()
    {
        await using var server = await TestRedis.StartEmbeddedAsync(Small);
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString))
        {
            var database = redis.GetDatabase();
            await Task.WhenAll(Enumerable.Range(0, 100).Select(i => database.StringSetAsync("often", new string((char)('a' + (i % 26)), 64 * 1024))));
            await database.StringSetAsync("expires", "soon", TimeSpan.FromHours(1));
            await database.HashSetAsync("hash", [new("field", "value")]);
            await database.SetAddAsync("set", ["a", "b"]);
            await database.SortedSetAddAsync("sorted", [new("a", 1.5)]);
            await database.ListRightPushAsync("log", [.. Enumerable.Range(1, 2500).Select(offset => (RedisValue)offset)]);
            await database.KeyExpireAsync("log", TimeSpan.FromHours(1));
        }

        await server.RestartAsync();

        Assert.InRange(new DirectoryInfo(server.Directory).EnumerateFiles("aof.log.*", SearchOption.AllDirectories).Sum(file => file.Length), 1, 1 << 20);
        Assert.Equal(Enumerable.Range(1, 2500).Select(offset => (RedisValue)offset), await LogAsync(server));
        await using var after = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var copy = after.GetDatabase();
        Assert.Equal(64 * 1024, await copy.StringLengthAsync("often"));
        Assert.Equal("value", await copy.HashGetAsync("hash", "field"));
        Assert.Equal(2, await copy.SetLengthAsync("set"));
        Assert.Equal(1.5, await copy.SortedSetScoreAsync("sorted", "a"));
        Assert.True(await copy.KeyTimeToLiveAsync("expires") > TimeSpan.FromMinutes(50));
        Assert.True(await copy.KeyTimeToLiveAsync("log") > TimeSpan.FromMinutes(50));
    }

    [Fact]
    public async Task Append_only_file_is_rewritten_while_the_server_runs()
    {
        await using var server = await TestRedis.StartEmbeddedAsync([.. Small, "--Chat:Redis:AppendOnlyFileMiBMax=4", "--Chat:Redis:WatchPeriod=00:00:00.050"]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await AppendAsync(server, 1, 500);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => redis.GetDatabase().StringSetAsync("often", new byte[64 * 1024], flags: CommandFlags.FireAndForget)));

        await WaitForAsync("the next generation", () => Directory.Exists(Path.Combine(server.Directory, "generation-2")) && !Directory.Exists(Path.Combine(server.Directory, "generation-1")));
        await WaitForAsync("the server's answer", async () =>
        {
            try
            {
                return (await LogAsync(server)).Length == 500;
            }
            catch (RedisConnectionException)
            {
                return false;
            }
        });
    }

    private static void Apply(Damage damage, RedisServer server)
    {
        var file = AppendOnlyFile(server);
        var manifest = Path.Combine(server.Directory, "seals.json");
        switch (damage)
        {
            case Damage.CutInHalf:
                Cut(file, Sealed(server) / 2);
                break;
            case Damage.Emptied:
                Cut(file, 0);
                break;
            case Damage.Deleted:
                File.Delete(file);
                break;
            case Damage.FlippedBit:
                var bytes = File.ReadAllBytes(file);
                bytes[Sealed(server) / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case Damage.ManifestDeleted:
                File.Delete(manifest);
                break;
            default:
                Cut(manifest, new FileInfo(manifest).Length / 2);
                break;
        }
    }

    private static void Cut(string file, long length)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(length);
    }

    private static string AppendOnlyFile(RedisServer server) => Path.Combine(server.Directory, "generation-1", "AOF", "aof.log.0");

    /// <returns>The first byte of the append-only file that no seal covers.</returns>
    private static long Sealed(RedisServer server)
    {
        using var manifest = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(server.Directory, "seals.json")));
        return manifest.RootElement.GetProperty("Seals").EnumerateArray()
            .Select(seal => seal.GetProperty("Offset").GetInt64() + seal.GetProperty("Length").GetInt64()).DefaultIfEmpty(0).Max();
    }

    private static Task WaitForSealsAsync(RedisServer server, long bytes) => WaitForAsync("seals", () => Sealed(server) >= bytes);

    private static Task WaitForAsync(string what, Func<bool> isThere) => WaitForAsync(what, () => Task.FromResult(isThere()));

    private static async Task WaitForAsync(string what, Func<Task<bool>> isThere)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isThere())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20), $"Waited too long for {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <returns>Every file's name and contents, but the lock's.</returns>
    private static string[] Fingerprint(RedisServer server) =>
        [.. Directory.EnumerateFiles(server.Directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}")];

    private static async Task AppendAsync(RedisServer server, int first, int last)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var database = redis.GetDatabase();
        await Task.WhenAll(Enumerable.Range(first, last - first + 1).Select(offset => database.ListRightPushAsync("log", offset)));
    }

    private static async Task<RedisValue[]> LogAsync(RedisServer server)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        return await redis.GetDatabase().ListRangeAsync("log");
    }
}

public enum Damage
{
    CutInHalf,
    Emptied,
    Deleted,
    FlippedBit,
    ManifestDeleted,
    ManifestGarbled,
}
