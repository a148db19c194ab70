using System.Net.Sockets;
using Chat.Tests.Balancer.Support;

namespace Chat.Tests.Balancer;

/// <summary>One client with much to ask does not keep the others of its loop waiting.</summary>
public sealed class FairnessTests
{
    private const string Health = "GET /balancer/health HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("auto")]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Client_that_pipelines_without_pause_lets_another_one_in_between(string engine)
    {
        using var node = new RawNode("a");
        await using var balancer = await TestBalancer.StartAsync([node], $"Engine={engine}", "LoopsMax=1");
        using var flooder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await flooder.ConnectAsync(balancer.Endpoint);
        var flooding = Task.WhenAll(Task.Run(() => FloodAsync(flooder)), Task.Run(() => DrainAsync(flooder)));
        using var client = await balancer.ConnectAsync();

        for (var request = 0; request < 20; request++)
        {
            await client.SendAsync(Health);
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("}"), StringComparison.Ordinal);
        }

        Assert.False(flooding.IsCompleted);
        flooder.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => flooding);
    }

    private static async Task FloodAsync(Socket flooder)
    {
        var requests = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Health, 1000)));
        while (true)
        {
            await flooder.SendAsync(requests, SocketFlags.None, CancellationToken.None);
        }
    }

    private static async Task DrainAsync(Socket flooder)
    {
        var buffer = new byte[64 * 1024];
        while (await flooder.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None) > 0)
        {
        }
    }
}
