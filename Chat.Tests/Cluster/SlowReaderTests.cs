using Chat.Lab.Cluster;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>A member that stops reading harms only itself.</summary>
[Collection(ClusterSuite.Name)]
public sealed class SlowReaderTests
{
    private const string Room = "lobby";
    private const int MessagesCount = 2000;
    private const long GrowthMiBMax = 64;

    [Fact]
    public async Task A_slow_reader_is_closed_with_4001_the_others_go_on_and_its_resume_lacks_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions
        {
            Nodes = 1,
            Redis = RedisServerKind.RedisServer,
            NodeSettings = ["CloseTimeout=00:01:00", "RecoveryMessagesMax=10000", "RecoveryBytesMax=16777216", "PingPeriod=00:00:30", "PongTimeout=00:00:30"],
        });
        await using var ada = await TestUser.JoinAsync(cluster, "ada", Room, node: 0);
        await using var bob = await TestUser.JoinAsync(cluster, "bob", Room, node: 0);
        using var slow = await RawWebSocket.ConnectAsync(cluster.Nodes[0].DirectUrl, cluster.TokenFor("slow"), receiveBytes: 4096);
        await slow.SendAsync(new JoinFrame(Room));
        var joined = await slow.ReadAsync<JoinedFrame>();
        var memory = cluster.Nodes[0].MemoryBytes;

        await FloodAsync(ada);
        await ada.ShownAsync(MessagesCount);
        await bob.ShownAsync(MessagesCount);

        Assert.InRange((cluster.Nodes[0].MemoryBytes - memory) >> 20, long.MinValue, GrowthMiBMax);
        var (code, before) = await slow.ReadToCloseAsync();
        Assert.Equal((int)CloseCode.SlowConsumer, code);
        var seen = before.OfType<MessageFrame>().Select(message => message.Offset).ToArray();
        Assert.Equal(Enumerable.Range(1, seen.Length).Select(offset => (long)offset), seen);
        Assert.InRange(seen.Length, 1, MessagesCount - 1);

        using var again = await RawWebSocket.ConnectAsync(cluster.Nodes[0].DirectUrl, cluster.TokenFor("slow"));
        await again.SendAsync(new JoinFrame(Room, new Position(joined.Epoch, seen[^1])));
        var resumed = await again.ReadAsync<JoinedFrame>();
        Assert.True(resumed.Recovered);
        Assert.Equal(
            Enumerable.Range(seen.Length + 1, MessagesCount - seen.Length).Select(offset => (long)offset),
            resumed.Messages.Select(message => message.Offset));
    }

    [Fact]
    public async Task Who_joins_more_than_he_can_read_at_once_gets_all_of_it_at_his_pace()
    {
        const int Rooms = 8, Each = 50;
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Nodes = 1, Redis = RedisServerKind.RedisServer });
        await using (var ada = cluster.Connect("ada"))
        {
            for (var room = 0; room < Rooms; room++)
            {
                var joined = await Within.Seconds(30, token => ada.JoinAsync($"room{room}", token), $"room {room} is joined");
                await Within.Seconds(
                    30,
                    token => Task.WhenAll(Enumerable.Range(0, Each).Select(_ => joined.SendAsync(new string('x', 4000), token))),
                    $"the messages of room {room} are acked");
            }
        }

        using var slow = await RawWebSocket.ConnectAsync(cluster.Nodes[0].DirectUrl, cluster.TokenFor("slow"), receiveBytes: 4096);
        for (var room = 0; room < Rooms; room++)
        {
            await slow.SendAsync(new JoinFrame($"room{room}"));
        }

        // Half a second for each answer: all of them would have been made long before the first is read.
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(0.5), TimeProvider.System);
        var answers = new List<JoinedFrame>();
        while (answers.Count < Rooms)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            answers.Add(await slow.ReadAsync<JoinedFrame>());
        }

        Assert.Equal(Enumerable.Range(0, Rooms).Select(room => $"room{room}"), answers.Select(answer => answer.Room));
        Assert.All(answers, answer => Assert.Equal(Each, answer.Messages.Count));
    }

    /// <summary>More than the kernel and the queue hold for a peer, as fast as it is acked.</summary>
    private static async Task FloodAsync(TestUser ada)
    {
        var text = new string('x', 4000);
        var room = await ada.View.Joined;
        foreach (var batch in Enumerable.Range(0, MessagesCount).Chunk(50))
        {
            await Within.Seconds(30, token => Task.WhenAll(batch.Select(_ => room.SendAsync(text, token))), "50 messages are acked");
        }
    }
}
