using System.Diagnostics;
using Chat.Client;
using Chat.Lab.Cluster;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.Tests.Log;
using Chat.Tests.Support;

namespace Chat.Tests.Cluster;

/// <summary>Joining a room in which much is written: the seam between the log and what comes live.</summary>
[Collection(ClusterSuite.Name)]
public sealed class JoinSeamTests(ITestOutputHelper output)
{
    private const string Room = "lobby";
    private const int JoinersCount = 10;
    private const int JoinsEach = 100;
    private const int MessagesAfterJoin = 20;
    private const int PerSecond = 1000;
    private const int Burst = 10;

    [Theory]
    [InlineData(RedisServerKind.Embedded)]
    [InlineData(RedisServerKind.RedisServer)]
    public async Task A_thousand_joins_while_a_thousand_messages_a_second_flow_miss_nothing_and_show_nothing_twice(RedisServerKind redis)
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterOptions { Redis = redis });
        await using var writer = await LogHarness.ConnectAsync(cluster.Redis);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var started = Stopwatch.GetTimestamp();
        var writing = WriteAsync(writer, stop.Token);

        var joiners = Enumerable.Range(0, JoinersCount).Select(index => Task.Run(() => JoinAgainAndAgainAsync(cluster, index))).ToArray();
        await Within.Seconds(180, token => Task.WhenAll(joiners).WaitAsync(token), "a thousand joins");

        await stop.CancelAsync();
        var (written, seconds) = (await writing, Stopwatch.GetElapsedTime(started).TotalSeconds);
        output.WriteLine($"{JoinersCount * JoinsEach} joins in {seconds:0.0} s, {written / seconds:0} messages/s");
    }

    /// <summary>Every second time from where it was: then what it missed comes too, and must join on both sides.</summary>
    private static async Task JoinAgainAndAgainAsync(TestCluster cluster, int index)
    {
        await using var socket = new FrameSocket();
        await socket.ConnectAsync(
            cluster.Nodes[index % cluster.Nodes.Count].DirectUrl, cluster.TokenFor($"joiner-{index}"), TestContext.Current.CancellationToken);
        Position? last = null;
        for (var i = 0; i < JoinsEach; i++)
        {
            last = await JoinOnceAsync(socket, i % 2 == 0 ? null : last);
        }

        await socket.CloseAsync(TimeSpan.FromSeconds(2), TimeProvider.System);
    }

    private static async Task<Position> JoinOnceAsync(FrameSocket socket, Position? after)
    {
        socket.Send(new JoinFrame(Room, after));
        var joined = await NextAsync<JoinedFrame>(socket);
        Assert.True(joined.Recovered);
        AssertContiguous(joined, after);

        var last = joined.Offset;
        for (var shown = 0; shown < MessagesAfterJoin; shown++)
        {
            var message = await NextAsync<MessageFrame>(socket);
            Assert.Equal((joined.Epoch, last + 1), (message.Epoch, message.Offset));
            last = message.Offset;
        }

        socket.Send(new LeaveFrame(Room));
        return new Position(joined.Epoch, last);
    }

    private static void AssertContiguous(JoinedFrame joined, Position? after)
    {
        var first = after is null ? joined.Offset - joined.Messages.Count + 1 : after.Offset + 1;
        Assert.Equal(
            Enumerable.Range(0, (int)(joined.Offset - first + 1)).Select(index => first + index),
            joined.Messages.Select(message => message.Offset));
    }

    private static Task<T> NextAsync<T>(FrameSocket socket)
        where T : ServerFrame => Within.Seconds(
            60,
            async token =>
            {
                while (true)
                {
                    var frame = await socket.ReadAsync(1 << 24, token);
                    Assert.NotNull(frame);
                    switch (frame)
                    {
                        case T wanted:
                            return wanted;
                        case PingFrame:
                            socket.Send(new PongFrame());
                            break;
                    }
                }
            },
            $"the next {typeof(T).Name}");

    /// <returns>How many.</returns>
    private static async Task<int> WriteAsync(LogHarness writer, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)Burst / PerSecond));
        var written = 0;
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(written, Burst).Select(number => writer.PublishAsync(Room, "writer", $"{number}")));
            written += Burst;
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return written;
    }
}
