using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane.Log;
using Chat.Tests.Support;

namespace Chat.Tests.Log;

/// <summary>A log lives as long as it is written to, and its age beyond that.</summary>
public sealed class LogAgeTests
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task A_log_outlives_its_age_while_it_is_written_to_and_not_much_longer(RedisServerKind redis)
    {
        await using var server = await TestRedis.StartAsync(redis);
        await using var log = await LogHarness.ConnectAsync(server, new NodeOptions { LogAgeMax = Age });
        var started = TimeProvider.System.GetTimestamp();
        var (first, number) = (await log.PublishAsync("room", "ada", "0"), 0L);

        await Within.True(20, async () =>
        {
            var stored = await log.PublishAsync("room", "ada", $"{++number}");
            Assert.Equal((first.Position.Epoch, number + 1), (stored.Position.Epoch, stored.Position.Offset));
            return TimeProvider.System.GetElapsedTime(started) >= Age * 2;
        });

        foreach (var key in new[] { LogKeys.Meta("room"), LogKeys.Log("room") })
        {
            Assert.InRange(await log.Database.KeyTimeToLiveAsync(key) ?? TimeSpan.MaxValue, TimeSpan.Zero, Age * 1.125);
        }

        await Within.True(20, async () => !await log.Database.KeyExistsAsync(LogKeys.Log("room")));
    }
}
