using System.Collections.Concurrent;
using System.Net.Sockets;
using Chat.Tests.Balancer.Support;
using Chat.Tests.Cluster;

namespace Chat.Tests.Balancer;

/// <summary>One of three nodes is no good, though its probes are: clients notice little, and after 10 s next to nothing.</summary>
[Collection(ClusterSuite.Name)]
public sealed class GrayNodeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);

    [Fact]
    public async Task Gray_node_of_any_kind_gets_at_most_one_percent_of_the_handshakes_after_ten_seconds()
    {
        Gray[] kinds = [Gray.Answers500, Gray.Silent, Gray.ClosesEarly, Gray.AcceptsNothing, Gray.Slow];

        var results = await Task.WhenAll(kinds.Select(kind => RunAsync(kind, warmUp: 10, seconds: 6)));

        foreach (var result in results)
        {
            output.WriteLine($"{result}");
        }

        Assert.All(results, result => Assert.InRange((double)result.ToGray / result.Handshakes, 0, 0.01));
        Assert.All(results, result => Assert.Equal(result.Handshakes, result.Opened));
    }

    [Fact]
    public async Task Handshake_that_fails_on_one_node_is_tried_once_on_another_and_the_client_does_not_notice()
    {
        foreach (var kind in new[] { Gray.Answers500, Gray.ClosesEarly })
        {
            await using var gray = new GrayNode("a", kind);
            await using var good = new GrayNode("b", Gray.Not);
            await using var balancer = await TestBalancer.StartAsync("Policy=round-robin", "SlowStartSeconds=0");
            balancer.Table.Apply([gray.Lease, good.Lease]);

            var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpensAsync(balancer)));

            Assert.All(opened, Assert.True);
            Assert.InRange(gray.Handshakes, 1, 6);
        }
    }

    private static async Task<Result> RunAsync(Gray kind, double warmUp, double seconds)
    {
        await using var gray = new GrayNode("a", kind);
        await using var second = new GrayNode("b", Gray.Not);
        await using var third = new GrayNode("c", Gray.Not);
        await using var balancer = await TestBalancer.StartAsync("Policy=least-connections", "SlowStartSeconds=0");
        balancer.Table.Apply([gray.Lease, second.Lease, third.Lease]);
        var destination = balancer.Table.Current[0].Destination;
        var clients = new ConcurrentQueue<RawPeer>();

        await OpenAsync(balancer, warmUp, clients);
        var before = destination.Picks;
        var opened = await OpenAsync(balancer, seconds, clients);
        var toGray = destination.Picks - before;

        foreach (var client in clients)
        {
            client.Dispose();
        }

        return new Result(kind, opened.Count, opened.Count(one => one), toGray);
    }

    /// <summary>A steady stream of new clients that stay, so that the node that fails is always the emptiest.</summary>
    private static async Task<IReadOnlyList<bool>> OpenAsync(TestBalancer balancer, double seconds, ConcurrentQueue<RawPeer> clients)
    {
        using var timer = new PeriodicTimer(Pace);
        var started = TimeProvider.System.GetTimestamp();
        var opening = new List<Task<bool>>();
        while (TimeProvider.System.GetElapsedTime(started).TotalSeconds < seconds)
        {
            opening.Add(OpensAsync(balancer, clients));
            await timer.WaitForNextTickAsync();
        }

        return await Task.WhenAll(opening);
    }

    private static async Task<bool> OpensAsync(TestBalancer balancer, ConcurrentQueue<RawPeer>? clients = null)
    {
        try
        {
            var client = await balancer.ConnectAsync();
            clients?.Enqueue(client);
            await client.SendAsync(TestBalancer.WebSocketRequest);
            return (await client.ReadHeadAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is SocketException or EndOfStreamException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed record Result(Gray Kind, int Handshakes, int Opened, long ToGray);
}
