using System.Globalization;
using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Lab.Faults;
using Chat.Node;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>What an honest client does at once when it comes back must fit the limits, whatever it has to say.</summary>
[Collection(ClusterSuite.Name)]
public sealed class ManyRoomsTests
{
    private const int RoomsMax = 100;

    /// <summary>As a node has them that nobody has configured.</summary>
    private static readonly string[] Defaults =
    [
        .. new[] { nameof(NodeOptions.SendsPerSecond), nameof(NodeOptions.SendsBurst), nameof(NodeOptions.SendsPrepaid), nameof(NodeOptions.FramesPerSecond), nameof(NodeOptions.FramesBurst) }
            .Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}={typeof(NodeOptions).GetProperty(name)!.GetValue(new NodeOptions())}")),
    ];

    [Fact]
    public async Task A_client_in_as_many_rooms_as_allowed_comes_back_in_all_of_them_with_a_message_for_each()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions
        {
            Nodes = 1,
            Redis = RedisServerKind.RedisServer,
            NodeSettings = Defaults,
        });
        await using var client = cluster.Connect("ada");
        var rooms = await Within.Seconds(
            60, token => Task.WhenAll(Enumerable.Range(0, RoomsMax).Select(index => client.JoinAsync($"room-{index}", token))), "all joined");

        cluster.Nodes[0].Clients.Set(Fault.Refuse);
        var sends = rooms.Select(room =>
        {
            room.MarkRead(1);
            return room.SendAsync("hello");
        }).ToArray();
        cluster.Nodes[0].Clients.Set(Fault.Pass);

        var stored = await Within.Seconds(60, token => Task.WhenAll(sends).WaitAsync(token), "a message stored in each room");
        Assert.All(stored, position => Assert.Equal(1, position.Offset));
        Assert.Equal(ConnectionState.Connected, client.Status.State);
    }
}
