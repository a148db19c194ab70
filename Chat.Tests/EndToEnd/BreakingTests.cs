using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Cluster;
using Chat.Tests.Support;

namespace Chat.Tests.EndToEnd;

/// <summary>The commands with which a person breaks the system in the dashboard, while two people on different nodes chat.</summary>
[Collection(ClusterSuite.Name)]
public sealed class BreakingTests
{
    [Fact]
    public async Task A_node_killed_by_its_command_shows_as_ended_and_its_people_go_on_elsewhere()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        var (adas, bobs) = (await ada.JoinAsync("lobby"), await bob.JoinAsync("lobby"));
        await adas.SendAsync("before");
        var node = ada.Status.Node!;

        await app.BreakAsync($"node-{node}", "kill", KnownResourceStates.TerminalStates);

        await bobs.SendAsync("while she was away");
        await ada.ConnectedAsync(notTo: node);
        await adas.SendAsync("back");
        foreach (var room in new[] { adas, bobs })
        {
            Assert.Equal(["before", "while she was away", "back"], (await room.TakeAsync(3)).Select(message => message.Text));
        }

        await app.CommandAsync($"node-{node}", KnownResourceCommands.StartCommand);
        await app.ReachesAsync($"node-{node}", [KnownResourceStates.Running], seconds: 30);
    }

    [Fact]
    public async Task A_drained_node_says_so_sends_its_people_away_and_ends_by_itself()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        var (adas, bobs) = (await ada.JoinAsync("lobby"), await bob.JoinAsync("lobby"));
        var node = ada.Status.Node!;

        await app.BreakAsync($"node-{node}", "drain", ["Draining", .. KnownResourceStates.TerminalStates]);

        await ada.ConnectedAsync(notTo: node);
        await adas.SendAsync("from the other node");
        Assert.Equal("from the other node", (await bobs.TakeAsync(1)).Single().Text);
        await app.ReachesAsync($"node-{node}", KnownResourceStates.TerminalStates, seconds: 10);
    }

    [Fact]
    public async Task What_is_paused_says_so_and_after_it_was_resumed_everything_written_meanwhile_arrives()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2);
        var (ada, bob) = await app.ConnectApartAsync("ada", "bob");
        await using var one = ada;
        await using var two = bob;
        var (adas, bobs) = (await ada.JoinAsync("lobby"), await bob.JoinAsync("lobby"));
        var redis = Assert.Single(await app.InstancesAsync("redis-server", count: 1)).ResourceId;
        var balancer = Assert.Single(await app.InstancesAsync("balancer", count: 1)).ResourceId;
        string[] paused = [$"node-{ada.Status.Node}", redis, balancer];
        var sends = new List<Task>();

        foreach (var resource in paused)
        {
            await app.BreakAsync(resource, "pause", ["Paused"]);
            sends.Add(bobs.SendAsync($"while {resource} stands still"));
            await app.BreakAsync(resource, "resume", [KnownResourceStates.Running]);
        }

        await Within.Seconds(60, token => Task.WhenAll(sends).WaitAsync(token), "all is acked");
        Assert.Equal(
            paused.Select(resource => $"while {resource} stands still").Order(),
            (await adas.TakeAsync(paused.Length, seconds: 60)).Select(message => message.Text).Order());
    }

    [Fact]
    public async Task Redis_killed_keeps_everything_and_emptied_begins_a_new_epoch()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2);
        await using var ada = app.Connect("ada");
        var room = await Within.Seconds(30, token => ada.JoinAsync("lobby", token), "ada is in the lobby");
        var first = await room.SendAsync("first");
        var redis = Assert.Single(await app.InstancesAsync("redis-server", count: 1)).ResourceId;

        await app.BreakAsync(redis, "kill", KnownResourceStates.TerminalStates);
        await app.CommandAsync(redis, KnownResourceCommands.StartCommand);
        var second = await Within.Seconds(60, token => room.SendAsync("second", token), "acked after Redis came back");
        await app.BreakAsync(redis, "flush", ["Emptied"]);
        var third = await Within.Seconds(60, token => room.SendAsync("third", token), "acked after Redis was emptied");

        Assert.Equal((first.Epoch, first.Offset + 1), (second.Epoch, second.Offset));
        Assert.NotEqual(first.Epoch, third.Epoch);
    }

    [Fact]
    public async Task A_balancer_killed_and_started_again_is_the_same_door()
    {
        await using var app = await ChatApplication.StartAsync("embedded", nodes: 2);
        await using var ada = app.Connect("ada");
        var room = await Within.Seconds(30, token => ada.JoinAsync("lobby", token), "ada is in the lobby");
        var balancer = Assert.Single(await app.InstancesAsync("balancer", count: 1)).ResourceId;

        await app.BreakAsync(balancer, "kill", KnownResourceStates.TerminalStates);
        await app.CommandAsync(balancer, KnownResourceCommands.StartCommand);

        await Within.Seconds(60, token => room.SendAsync("through the new one", token), "acked through the new balancer");
        Assert.Equal("through the new one", (await room.TakeAsync(1)).Single().Text);
    }
}
