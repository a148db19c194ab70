using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Cluster;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

[Collection(ClusterSuite.Name)]
public sealed class ClusterTests
{
    [Theory]
    [InlineData("embedded")]
    [InlineData("container")]
    public async Task Messages_of_two_clients_on_different_nodes_cross_in_order_and_outlive_a_restart_of_redis(string redis)
    {
        // A name of its own: a container keeps its data over runs.
        var room = $"room-{Guid.NewGuid():N}";
        await using var app = await ChatApplication.StartAsync(redis, nodes: 2);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        var (adas, bobs) = (await ada.JoinAsync(room), await bob.JoinAsync(room));

        var sends = new List<Task>();
        for (var i = 0; i < 50; i++)
        {
            sends.Add(adas.SendAsync($"a{i}"));
            sends.Add(bobs.SendAsync($"b{i}"));
        }

        await Task.WhenAll(sends);
        var (seenByAda, seenByBob) = (await adas.TakeAsync(100), await bobs.TakeAsync(100));
        Assert.Equal(seenByAda, seenByBob);
        Assert.Equal(Enumerable.Range(1, 100).Select(offset => (long)offset), seenByAda.Select(message => message.Offset));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"a{i}"), seenByBob.Where(message => message.Author == "ada").Select(message => message.Text));
        Assert.Equal(2, seenByAda.Select(message => message.Node).Distinct().Count());

        var server = redis == "embedded" ? "redis-server" : "redis";
        var instance = Assert.Single(await app.InstancesAsync(server, count: 1));
        await app.CommandAsync(instance.ResourceId, KnownResourceCommands.RestartCommand);
        await app.WaitHealthyAsync(server);

        await using var eve = app.Connect("eve");
        var kept = await Within.Seconds(30, token => eve.JoinAsync(room, token), "joined after the restart");
        Assert.Equal(seenByAda.Skip(50), await kept.TakeAsync(50));
        await bobs.SendAsync("after").WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(("after", 101), (await adas.TakeAsync(1)).Select(message => (message.Text, message.Offset)).Single());
    }

    [Fact]
    public async Task A_client_whose_node_is_stopped_comes_back_through_the_balancer_and_goes_on()
    {
        const string room = "lobby";
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        var (adas, bobs) = (await ada.JoinAsync(room), await bob.JoinAsync(room));
        await bobs.SendAsync("before");
        Assert.Equal("before", (await adas.TakeAsync(1)).Single().Text);
        var node = ada.Status.Node!;

        await app.CommandAsync($"node-{node}", KnownResourceCommands.StopCommand);

        await bobs.SendAsync("while she was away");
        await ada.ConnectedAsync(notTo: node);
        await adas.SendAsync("back");
        Assert.Equal(["while she was away", "back"], (await adas.TakeAsync(2)).Select(message => message.Text));
        Assert.Equal(["before", "while she was away", "back"], (await bobs.TakeAsync(3)).Select(message => message.Text));
    }
}
