using Chat.Client;
using Chat.Experiments;
using Chat.Lab.Cluster;
using Chat.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Chat.Tests.Backplane;

/// <summary>Whole nodes, clients of the library, and every strategy that leaves one node: what is said on one is read on the other.</summary>
public sealed class NodesOfEachStrategyTests : IAsyncLifetime
{
    private RedisServer? _redis;

    public static TheoryData<string> Strategies =>
        [.. Strategy.All.Where(strategy => strategy.Keeps(Promise.ReachesOtherNodes)).Select(strategy => strategy.Name)];

    public async ValueTask InitializeAsync() => _redis = await TestRedis.StartRedisServerAsync();

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    [Theory, MemberData(nameof(Strategies))]
    public async Task Messages_sent_on_one_node_are_read_on_another(string delivery)
    {
        await using var nodeA = await StartNodeAsync("a", delivery);
        await using var nodeB = await StartNodeAsync("b", delivery);
        using var http = new HttpClient();
        await using var ada = Connect(http, nodeA, "ada");
        await using var bob = Connect(http, nodeB, "bob");
        var adasRoom = await Within.Seconds(20, token => ada.JoinAsync("lobby", token), "ada joins");
        var bobsRoom = await Within.Seconds(20, token => bob.JoinAsync("lobby", token), "bob joins");

        await Within.Seconds(20, token => adasRoom.SendAsync("one", token), "the first is acked");
        await Within.Seconds(20, token => adasRoom.SendAsync("two", token), "the second is acked");

        var read = await bobsRoom.TakeAsync(2);
        Assert.Equal(["one", "two"], read.Select(message => message.Text));
    }

    private static ChatClient Connect(HttpClient http, RunningNode node, string user)
    {
        var url = new Uri(node.App.Urls.First());
        return new ChatClient(new ChatClientOptions { Url = url, Token = DevelopmentLogin.For(http, url, user) });
    }

    private async Task<RunningNode> StartNodeAsync(string id, string delivery)
    {
        var node = ExperimentApp.Build(
        [
            "--environment=Development", "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
            $"--ConnectionStrings:redis={_redis!.ConnectionString}", $"--Chat:NodeId={id}", $"--Chat:Delivery={delivery}",
            "--Chat:TokenKey=for-tests-only-for-tests-only-for-tests-only", "--Chat:DrainTimeout=00:00:01",
        ]);
        await node.StartAsync();
        return new RunningNode(node);
    }

    private sealed record RunningNode(WebApplication App) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await App.StopAsync();
            await App.DisposeAsync();
        }
    }
}
