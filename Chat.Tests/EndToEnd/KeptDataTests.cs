using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Cluster;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

/// <summary>Whatever happens to Redis, in a container or embedded, while people write: what was acked is there afterwards, once.</summary>
[Collection(ClusterSuite.Name)]
public sealed class KeptDataTests
{
    private const int Messages = 40;

    [Theory]
    [InlineData("embedded", "restart")]
    [InlineData("container", "restart")]
    [InlineData("container", "stop")]
    [InlineData("container", "kill")]
    public async Task Everything_acked_before_and_while_redis_went_away_is_in_the_log_once(string redis, string command)
    {
        await using var app = await ChatApplication.StartAsync(redis, nodes: 2);
        await using var ada = app.Connect("ada");
        var room = await Within.Seconds(30, token => ada.JoinAsync("lobby", token), "ada is in the lobby");
        var instance = Assert.Single(await app.InstancesAsync(redis == "embedded" ? "redis-server" : "redis", count: 1)).ResourceId;
        var acked = 0;
        var writing = WriteAsync();
        await Within.True(30, () => Task.FromResult(acked >= Messages / 4), "a quarter is acked");

        await app.CommandAsync(instance, command);
        if (command != KnownResourceCommands.RestartCommand)
        {
            await app.ReachesAsync(instance, KnownResourceStates.TerminalStates, seconds: 30);
            await app.CommandAsync(instance, KnownResourceCommands.StartCommand);
        }

        await Within.Seconds(90, token => writing.WaitAsync(token), "all is acked");
        var kept = await ChatApplication.ReadHistoryAsync(app.Http, app.Balancer, "ada", "lobby");
        Assert.Equal(Enumerable.Range(1, Messages).Select(i => $"message {i}"), kept);

        async Task WriteAsync()
        {
            for (var i = 1; i <= Messages; i++)
            {
                await room.SendAsync($"message {i}");
                acked = i;
            }
        }
    }
}
