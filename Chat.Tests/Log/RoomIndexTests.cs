using Chat.Lab.Cluster;
using Chat.Node;
using Chat.Node.Backplane.Log;
using Chat.Tests.Support;
using StackExchange.Redis;

namespace Chat.Tests.Log;

public sealed class RoomIndexTests
{
    [Fact]
    public async Task A_message_is_acked_though_the_list_of_rooms_is_never_written()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        var probe = new RedisProbe { Hung = nameof(IDatabase.SortedSetAddAsync) };
        await using var log = await LogHarness.ConnectAsync(server, new NodeOptions { RedisDeadline = TimeSpan.FromMinutes(1) }, probe);

        var stored = await Within.Seconds(10, token => log.PublishAsync("lobby", "ada", "a").WaitAsync(token), "the message is stored");

        Assert.Equal(1, stored.Position.Offset);
    }

    [Fact]
    public async Task However_many_rooms_are_written_in_the_list_keeps_those_that_were_last()
    {
        await using var server = await TestRedis.StartAsync(RedisServerKind.RedisServer);
        await using var log = await LogHarness.ConnectAsync(server, new NodeOptions { RoomsListedMax = 5 });
        for (var i = 0; i < 40; i++)
        {
            await log.PublishAsync($"room{i}", "ada", "a");
        }

        await Within.True(10, async () => (await log.Backplane.ListRoomsAsync(CancellationToken.None)).Contains("room39"), "the last is listed");

        Assert.InRange(await log.Database.SortedSetLengthAsync(LogKeys.Rooms), 1, 5 * 2);
    }
}
