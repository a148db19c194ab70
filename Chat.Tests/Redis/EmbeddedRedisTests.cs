using System.Net;
using Chat.Lab.Cluster;
using Chat.Lab.Processes;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Redis;

/// <summary>Starting, answering and stopping of Chat.Redis.</summary>
public sealed class EmbeddedRedisTests
{
    [Fact]
    public async Task Ready_server_runs_scripts_and_publishes_from_them()
    {
        await using var server = await TestRedis.StartEmbeddedAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var channel = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("room"));

        await redis.GetDatabase().ScriptEvaluateAsync("redis.call('PUBLISH', 'room', ARGV[1])", [], ["hello"]);

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        var received = await channel.ReadAsync(deadline.Token);
        Assert.Equal("hello", received.Message);
    }

    [Fact]
    public async Task Frozen_server_does_not_answer_and_is_ready_again_afterwards()
    {
        await using var server = await TestRedis.StartEmbeddedAsync();

        server.Pause();
        var frozen = await HealthAsync(server, "ready", TimeSpan.FromMilliseconds(300));
        server.Continue();
        var thawed = await HealthAsync(server, "ready", TimeSpan.FromSeconds(10));

        Assert.Null(frozen);
        Assert.Equal(HttpStatusCode.OK, thawed);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(server, "live", TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Asked_to_stop_it_ends_with_0_and_everything_is_kept()
    {
        await using var server = await TestRedis.StartEmbeddedAsync();
        await AppendAsync(server, 1000);

        await server.StopAsync();

        Assert.Equal(0, server.Process.ExitCode);
        await server.RestartAsync();
        Assert.Equal(1000, await LengthAsync(server));
    }

    [Fact]
    public async Task Taken_port_is_a_sentence_and_exit_code_1()
    {
        await using var first = await TestRedis.StartEmbeddedAsync();

        await using var refused = await RedisServer.RunEmbeddedAndFailAsync($"--Chat:Redis:Port={first.Port}");

        AssertRefused(refused, $"Port {first.Port} cannot be used (AddressAlreadyInUse): stop what listens there, or set Chat:Redis:Port.");
    }

    [Fact]
    public async Task Directory_in_use_is_a_sentence_and_exit_code_1()
    {
        await using var first = await TestRedis.StartEmbeddedAsync();

        await using var refused = await RedisServer.RunEmbeddedAndFailAsync($"--Chat:Redis:DataDirectory={first.Directory}");

        AssertRefused(refused, $"The data directory {first.Directory} is in use by another server: stop it, or set Chat:Redis:DataDirectory.");
    }

    [Theory]
    [InlineData("--Chat:Redis:Port=70000", "Chat:Redis:Port is 70000: it must be 0 (any free port) to 65535.")]
    [InlineData("--Chat:Redis:Port=x", "Failed to convert configuration value 'x' at 'Chat:Redis:Port' to type 'System.Int32'.")]
    [InlineData("--Chat:Redis:MemoryMiBMax=1", "Chat:Redis:MemoryMiBMax is 1: it must be at least 8 × PageMiB, 32.")]
    [InlineData("--Chat:Redis:AppendOnlyFileMiBMax=17", "Chat:Redis:AppendOnlyFileMiBMax is 17: it must be at least RewriteAtStartMiB, 256.")]
    [InlineData("--Chat:Redis:DataDirectory=/proc/nowhere", "The data directory /proc/nowhere cannot be written: Could not find file '/proc/nowhere'.")]
    public async Task Option_that_cannot_be_used_is_a_sentence_and_exit_code_1(string option, string sentence)
    {
        await using var refused = await RedisServer.RunEmbeddedAndFailAsync(option);

        AssertRefused(refused, sentence);
    }

    private static void AssertRefused(ServerProcess process, string sentence)
    {
        Assert.Equal(sentence, process.Output);
        Assert.Equal(1, process.ExitCode);
    }

    private static async Task AppendAsync(RedisServer server, int count)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var log = redis.GetDatabase();
        await Task.WhenAll(Enumerable.Range(1, count).Select(offset => log.ListRightPushAsync("log", offset)));
    }

    private static async Task<long> LengthAsync(RedisServer server)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        return await redis.GetDatabase().ListLengthAsync("log");
    }

    /// <returns>Null when there was no answer in time.</returns>
    private static async Task<HttpStatusCode?> HealthAsync(RedisServer server, string check, TimeSpan timeout)
    {
        using var http = new HttpClient { Timeout = timeout };
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{server.HealthPort}/health/{check}"));
            return answer.StatusCode;
        }
        catch (TaskCanceledException)
        {
            return null;
        }
    }
}
